{{/* The chart's name. */}}
{{- define "user-invitation-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of the chart's objects: the release's, with the chart's where it does not hold it already. */}}
{{- define "user-invitation-operator.fullname" -}}
{{- $name := include "user-invitation-operator.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The name of objects outside of the release's namespace: other releases there have other ones. */}}
{{- define "user-invitation-operator.clusterName" -}}
{{- $name := include "user-invitation-operator.fullname" . }}
{{- if eq $name .Release.Namespace }}
{{- $name }}
{{- else }}
{{- printf "%s-%s" $name .Release.Namespace }}
{{- end }}
{{- end }}

{{/* The labels by which pods are found. They never change. */}}
{{- define "user-invitation-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "user-invitation-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels of all objects. */}}
{{- define "user-invitation-operator.labels" -}}
{{ include "user-invitation-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: user-invitation-operator
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The ServiceAccount's name. */}}
{{- define "user-invitation-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "user-invitation-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The user that the operator is to the API server. */}}
{{- define "user-invitation-operator.userName" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "user-invitation-operator.serviceAccountName" . }}
{{- end }}

{{/* The image. */}}
{{- define "user-invitation-operator.image" -}}
{{- $repository := required "image.repository is required: where the operator's image is, without tag" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}
