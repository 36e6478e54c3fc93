// Package doctor finds out why this machine cannot work with an instance of
// Retool: address, DNS, connection, certificate, health, token, scopes, document,
// and files that hold settings.
//
// A check is data: a finding and, if it is bad, a remedy. Checks send only GET and
// HEAD requests and leave no file behind. Their texts hold no secrets.
//
// It knows HTTP, DNS, TLS and files. It must not know MCP, how settings are read,
// or how results are printed.
package doctor
