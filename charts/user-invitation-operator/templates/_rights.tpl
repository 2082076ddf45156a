{{/* Every right of the operator, by what it is needed for. This file is the one place where they stand. */}}

{{/* What people declare in namespaces, and the operator's record and finalizers on it. */}}
{{- define "user-invitation-operator.rights.objects" -}}
- apiGroups: [userinvitation.dev]
  resources: [userinvitations, invitationproviders]
  verbs: [get, list, watch, patch]
- apiGroups: [userinvitation.dev]
  resources: [userinvitations/status, invitationproviders/status]
  verbs: [patch]
{{- end }}

{{/* Whether the namespace of a deletion that can't go on is itself being deleted. */}}
{{- define "user-invitation-operator.rights.namespace" -}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
{{- end }}

{{/* Providers for several namespaces; and of namespaces, metadata only, the labels by which they select them. */}}
{{- define "user-invitation-operator.rights.clusterProviders" -}}
- apiGroups: [userinvitation.dev]
  resources: [clusterinvitationproviders]
  verbs: [get, list, watch, patch]
- apiGroups: [userinvitation.dev]
  resources: [clusterinvitationproviders/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
{{- end }}

{{/* Credentials and private certificate authorities, by name only: never list or watch. */}}
{{- define "user-invitation-operator.rights.secrets" -}}
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get]
{{- end }}

{{/* What the operator tells about objects. */}}
{{- define "user-invitation-operator.rights.events" -}}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* Which replica works. */}}
{{- define "user-invitation-operator.rights.lease" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
{{- end }}

{{/*
A Role and its binding. Takes a dictionary: root, name, namespace, rights (the names of definitions above, without what they
begin with).
*/}}
{{- define "user-invitation-operator.role" -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "user-invitation-operator.labels" .root | nindent 4 }}
rules:
  {{- range .rights }}
  {{- include (printf "user-invitation-operator.rights.%s" .) $.root | nindent 2 }}
  {{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "user-invitation-operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
{{ include "user-invitation-operator.subjects" .root }}
{{ end }}

{{/* A ClusterRole and its binding. Takes a dictionary: root, rights. */}}
{{- define "user-invitation-operator.clusterRole" -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include "user-invitation-operator.clusterName" .root }}
  labels:
    {{- include "user-invitation-operator.labels" .root | nindent 4 }}
rules:
  {{- range .rights }}
  {{- include (printf "user-invitation-operator.rights.%s" .) $.root | nindent 2 }}
  {{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "user-invitation-operator.clusterName" .root }}
  labels:
    {{- include "user-invitation-operator.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ include "user-invitation-operator.clusterName" .root }}
{{ include "user-invitation-operator.subjects" .root }}
{{ end }}

{{/* Who the rights are for. */}}
{{- define "user-invitation-operator.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "user-invitation-operator.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
