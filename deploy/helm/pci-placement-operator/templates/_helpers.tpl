{{- define "pci.fullname" -}}
{{- $name := printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- if .Values.fullnameOverride }}
{{- $name = .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name }}
{{- $name = .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- /* used in all names and in expressions of the admission policies */ -}}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "%q cannot be the name of objects: use lower-case letters, digits and hyphens in fullnameOverride or the release name" $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{- define "pci.agent" -}}{{ include "pci.fullname" . }}-agent{{- end }}

{{- define "pci.webhook" -}}{{ include "pci.fullname" . }}-webhook{{- end }}

{{- /* host names of the webhook's Service */ -}}
{{- define "pci.webhookHosts" -}}
{{- $host := printf "%s.%s.svc" (include "pci.webhook" .) .Release.Namespace }}
{{- $host }},{{ $host }}.cluster.local
{{- end }}

{{- /* clientConfig of the webhook */ -}}
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
{{- with .Values.webhook.tls.caBundle }}
caBundle: {{ . | quote }}
{{- end }}
{{- end }}

{{- /* not empty if the operators create and renew the webhook's certificate */ -}}
{{- define "pci.ownCertificate" -}}
{{- if and (eq .Values.webhook.tls.mode "generated") (not .Values.webhook.tls.caBundle) }}yes{{ end }}
{{- end }}

{{- define "pci.certificateSecret" -}}
{{- if .Values.webhook.tls.secretName }}{{ .Values.webhook.tls.secretName }}
{{- else if include "pci.ownCertificate" . }}{{ include "pci.webhook" . }}-own
{{- else }}{{ include "pci.webhook" . }}
{{- end }}
{{- end }}

{{- define "pci.image" -}}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end }}

{{- /* selector labels of Deployment, DaemonSet and Service: (list . "operator") */ -}}
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

{{- /* the agent's classes and its only library; in the image their names have no version */ -}}
{{- define "pci.agentClasspath" -}}/app/agent/app.jar:/app/agent/jackson-core.jar{{- end }}
{{- /* the agent's AOT cache, created when the image was built */ -}}
{{- define "pci.agentCache" -}}/app/agent/agent.aot{{- end }}
