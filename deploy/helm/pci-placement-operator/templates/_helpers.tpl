{{- define "pci.fullname" -}}
{{- $name := printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- if .Values.fullnameOverride }}
{{- $name = .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name }}
{{- $name = .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- /* part of every name, and of expressions in the admission policies */ -}}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "%q cannot be the name of objects: use lower-case letters, digits and hyphens (fullnameOverride, or the name of the release)" $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{- define "pci.agent" -}}{{ include "pci.fullname" . }}-agent{{- end }}

{{- define "pci.webhook" -}}{{ include "pci.fullname" . }}-webhook{{- end }}

{{- /* the names that the API server may reach the webhook by */ -}}
{{- define "pci.webhookHosts" -}}
{{- $host := printf "%s.%s.svc" (include "pci.webhook" .) .Release.Namespace }}
{{- $host }},{{ $host }}.cluster.local
{{- end }}

{{- /* how the API server reaches the webhook */ -}}
{{- define "pci.webhookClient" -}}
{{- if .Values.webhook.url -}}
url: {{ .Values.webhook.url | quote }}
{{- else -}}
service:
  name: {{ include "pci.webhook" . | quote }}
  namespace: {{ .Release.Namespace }}
  path: /validate
  port: 443
{{- end }}
{{- with .Values.webhook.caBundle }}
caBundle: {{ . | quote }}
{{- end }}
{{- end }}

{{- /* not empty where the operators make and renew the webhook's certificate themselves */ -}}
{{- define "pci.ownCertificate" -}}
{{- if and (eq .Values.webhook.certificate "generated") (not .Values.webhook.caBundle) }}yes{{ end }}
{{- end }}

{{- define "pci.certificateSecret" -}}
{{- if .Values.webhook.certificateSecret }}{{ .Values.webhook.certificateSecret }}
{{- else if include "pci.ownCertificate" . }}{{ include "pci.webhook" . }}-own
{{- else }}{{ include "pci.webhook" . }}
{{- end }}
{{- end }}

{{- define "pci.image" -}}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end }}

{{- /* what the selectors of Deployment, DaemonSet and Service use: (list . "operator") */ -}}
{{- define "pci.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "pci.labels" -}}
{{ include "pci.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- define "pci.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "pci.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* the agent's own classes and the one library it uses; the image gives them names without versions */ -}}
{{- define "pci.agentClasspath" -}}/app/agent/app.jar:/app/agent/jackson-core.jar{{- end }}
{{- /* what a JVM has found out about its start when the image was made */ -}}
{{- define "pci.agentCache" -}}/app/agent/agent.aot{{- end }}
