{{/* What the pods of the operator and of its test have in common: identity, limits, and no more than they need. */}}
{{- define "user-invitation-operator.pod" -}}
serviceAccountName: {{ include "user-invitation-operator.serviceAccountName" . }}
# The token is mounted below, with a life of its own.
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: service-account
    projected:
      sources:
        - serviceAccountToken:
            path: token
            expirationSeconds: {{ .Values.serviceAccount.tokenExpirationSeconds }}
        - configMap:
            name: kube-root-ca.crt
            items:
              - key: ca.crt
                path: ca.crt
        - downwardAPI:
            items:
              - path: namespace
                fieldRef:
                  fieldPath: metadata.namespace
  {{- with .Values.extraCaBundle.configMapName }}
  - name: extra-ca
    configMap:
      name: {{ . }}
  {{- end }}
{{- end }}

{{/* What their containers have in common. Settings are variables, so that what `kubectl exec` runs beside the operator has them too. */}}
{{- define "user-invitation-operator.container" -}}
image: {{ include "user-invitation-operator.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  - name: POD_NAMESPACE
    valueFrom:
      fieldRef:
        fieldPath: metadata.namespace
  - name: USER_INVITATION_OPERATOR_OPERATOR_NAMESPACE
    value: {{ .Release.Namespace | quote }}
  - name: USER_INVITATION_OPERATOR_LEASE_NAME
    value: {{ include "user-invitation-operator.fullname" . | quote }}
  {{- with .Values.watchNamespaces }}
  - name: USER_INVITATION_OPERATOR_WATCH_NAMESPACES
    value: {{ join "," . | quote }}
  {{- end }}
  - name: USER_INVITATION_OPERATOR_CLUSTER_PROVIDERS
    value: {{ .Values.clusterProviders.enabled | quote }}
  {{- with .Values.allowedPrivateCidrs }}
  - name: USER_INVITATION_OPERATOR_ALLOWED_PRIVATE_CIDRS
    value: {{ join "," . | quote }}
  {{- end }}
  - name: USER_INVITATION_OPERATOR_LOG_FORMAT
    value: {{ .Values.log.format | quote }}
  - name: USER_INVITATION_OPERATOR_LOG_FILTER
    value: {{ .Values.log.filter | quote }}
  - name: USER_INVITATION_OPERATOR_LOG_EMAILS
    value: {{ .Values.log.emails | quote }}
  {{- if .Values.proxy.url }}
  - name: HTTPS_PROXY
    value: {{ .Values.proxy.url | quote }}
  {{- else if .Values.proxy.secretRef.name }}
  - name: HTTPS_PROXY
    valueFrom:
      secretKeyRef:
        name: {{ .Values.proxy.secretRef.name }}
        key: {{ .Values.proxy.secretRef.key }}
  {{- end }}
  {{- with .Values.proxy.noProxy }}
  - name: NO_PROXY
    value: {{ . | quote }}
  {{- end }}
  {{- if .Values.extraCaBundle.configMapName }}
  - name: SSL_CERT_DIR
    value: /etc/ssl/certs:/etc/user-invitation-operator/ca
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml .Values.resources | nindent 2 }}
volumeMounts:
  - name: service-account
    mountPath: /var/run/secrets/kubernetes.io/serviceaccount
    readOnly: true
  {{- if .Values.extraCaBundle.configMapName }}
  - name: extra-ca
    mountPath: /etc/user-invitation-operator/ca
    readOnly: true
  {{- end }}
{{- end }}
