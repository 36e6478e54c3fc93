{{- define "retool-mcp.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "retool-mcp.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "retool-mcp.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "retool-mcp.selector" -}}
app.kubernetes.io/name: {{ include "retool-mcp.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "retool-mcp.labels" -}}
{{ include "retool-mcp.selector" . }}
app.kubernetes.io/version: {{ default .Chart.AppVersion .Values.image.tag | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "retool-mcp.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "retool-mcp.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "retool-mcp.image" -}}
{{- $repository := required "image.repository: name the registry and image that you pushed" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* A session belongs to one replica, so requests of a client must reach the same one. */}}
{{- define "retool-mcp.sticky" -}}
{{- if or .Values.server.stateful (has "sse" .Values.server.transports) -}}true{{- end -}}
{{- end -}}

{{- define "retool-mcp.publicHost" -}}
{{- (urlParse .Values.server.publicUrl).hostname -}}
{{- end -}}

{{/* Names that only this cluster resolves, so that no outsider can redirect them. */}}
{{- define "retool-mcp.hosts" -}}
{{- $name := include "retool-mcp.fullname" . -}}
{{- $inside := list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.cluster.local" $name .Release.Namespace) -}}
{{- concat $inside .Values.server.allowHosts | join "," -}}
{{- end -}}

{{/* Values that contradict each other stop the installation with one line, as they would stop the server. */}}
{{- define "retool-mcp.check" -}}
{{- $v := .Values -}}
{{- $one := and (not $v.autoscaling.enabled) (eq (int $v.replicas) 1) -}}
{{- if $v.retool.sandbox -}}
  {{- if or $v.retool.url $v.retool.tokenSecret.name -}}{{- fail "retool.sandbox takes neither retool.url nor retool.tokenSecret.name" -}}{{- end -}}
  {{- if not $one -}}{{- fail "retool.sandbox: every replica would have an organization of its own; set replicas to 1 and autoscaling off" -}}{{- end -}}
{{- else if eq $v.auth.mode "passthrough" -}}
  {{- if $v.retool.tokenSecret.name -}}{{- fail "auth.mode passthrough uses the callers' tokens: leave retool.tokenSecret.name out" -}}{{- end -}}
{{- else if not $v.retool.tokenSecret.name -}}
  {{- fail "retool.tokenSecret.name: name the Secret with the server's Retool access token" -}}
{{- end -}}
{{- if and (eq $v.auth.mode "token") (not $v.auth.tokenSecret.name) -}}{{- fail "auth.tokenSecret.name: name the Secret with the shared secret of auth.mode token" -}}{{- end -}}
{{- if and (ne $v.auth.mode "token") $v.auth.tokenSecret.name -}}{{- fail "auth.tokenSecret.name belongs to auth.mode token" -}}{{- end -}}
{{- if eq $v.auth.mode "oauth" -}}
  {{- if not $v.auth.oauth.issuer -}}{{- fail "auth.oauth.issuer: say who issues the tokens" -}}{{- end -}}
  {{- if not $v.auth.oauth.audience -}}{{- fail "auth.oauth.audience: say for whom the tokens have to be" -}}{{- end -}}
  {{- if not $v.server.publicUrl -}}{{- fail "auth.mode oauth needs server.publicUrl: clients need the URL that their token is for" -}}{{- end -}}
{{- else if or $v.auth.oauth.issuer $v.auth.oauth.audience $v.auth.oauth.jwksUrl $v.auth.oauth.tokenTypes $v.auth.oauth.scopes $v.auth.oauth.rules -}}
  {{- fail "auth.oauth belongs to auth.mode oauth" -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.server.publicUrl) -}}{{- fail "ingress.enabled needs server.publicUrl: its host is the ingress's" -}}{{- end -}}
{{- if and $v.ingress.enabled (trimAll "/" (urlParse $v.server.publicUrl).path) -}}{{- fail "ingress.enabled: this ingress has no rules for a server.publicUrl with a path; make one of your own that strips it" -}}{{- end -}}
{{- end -}}
