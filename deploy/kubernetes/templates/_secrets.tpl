{{/*
Secrets come as files. They are whole folders, since a single file that is mounted does not change when the Secret does.
*/}}
{{- define "retool-mcp.mounts" -}}
{{- $none := true -}}
{{- range $name, $secret := include "retool-mcp.secrets" . | fromYaml -}}
{{- $none = false }}
- name: {{ $name }}
  mountPath: /run/secrets/{{ $name }}
  readOnly: true
{{- end -}}
{{- if $none }}[]{{ end -}}
{{- end -}}

{{- define "retool-mcp.volumes" -}}
{{- $none := true -}}
{{- range $name, $secret := include "retool-mcp.secrets" . | fromYaml -}}
{{- $none = false }}
- name: {{ $name }}
  secret:
    secretName: {{ $secret.name | quote }}
    defaultMode: 0440
    {{- if $secret.key }}
    items:
      - key: {{ $secret.key | quote }}
        path: token
    {{- end }}
{{- end -}}
{{- if $none }}[]{{ end -}}
{{- end -}}

{{- define "retool-mcp.secrets" -}}
{{- with .Values.retool.tokenSecret }}
{{- if .name }}
retool: {name: {{ .name | quote }}, key: {{ .key | quote }}}
{{- end }}
{{- end }}
{{- with .Values.auth.tokenSecret }}
{{- if .name }}
auth: {name: {{ .name | quote }}, key: {{ .key | quote }}}
{{- end }}
{{- end }}
{{- with .Values.server.stateKeySecret }}
{{- if .name }}
state: {name: {{ .name | quote }}, key: {{ .key | quote }}}
{{- end }}
{{- end }}
{{- if .Values.tls.secretName }}
tls: {name: {{ .Values.tls.secretName | quote }}}
{{- end }}
{{- end -}}
