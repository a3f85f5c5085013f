{{- define "pci.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "pci.agent" -}}{{ include "pci.fullname" . }}-agent{{- end }}

{{- define "pci.webhook" -}}{{ include "pci.fullname" . }}-webhook{{- end }}

{{- /* the names that the API server may reach the webhook by */ -}}
{{- define "pci.webhookHosts" -}}
{{- $host := printf "%s.%s.svc" (include "pci.webhook" .) .Release.Namespace }}
{{- $host }},{{ $host }}.cluster.local
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
