package doctor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"runtime"
	"slices"
	"strings"
	"time"
)

// minDays is how many days a certificate should still be valid.
const minDays = 14

func (d *doctor) checkTLS(ctx context.Context) Check {
	switch {
	case d.scheme == "http" && (d.isLoopback() || d.UnixSocket != ""):
		return Skip.found("the address is http on this machine")
	case d.scheme == "http":
		return Warn.found("the address is http: the access token is sent unencrypted").withRemedy("use https in {address}, unless the network in between is private")
	}
	first := d.firstResponse(ctx)
	if verification, is := errors.AsType[*tls.CertificateVerificationError](first.err); is {
		return d.notTrusted(verification.UnverifiedCertificates, verification.Err)
	}
	if first.tls == nil {
		return d.handshakeFailed(first.err)
	}
	leaf := first.tls.PeerCertificates[0]
	days := int(time.Until(leaf.NotAfter).Hours() / 24)
	c := OK.found("%s, for %s, issued by %s, %s left", tls.VersionName(first.tls.Version), d.host, issuer(leaf), count(days, "day"))
	if days < minDays {
		return c.warning("the certificate expires on %s: renew it before that", leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return c
}

// issuer returns the name of who signed a certificate.
func issuer(c *x509.Certificate) string {
	if selfSigned(c) {
		return "itself"
	}
	organization := ""
	if len(c.Issuer.Organization) > 0 {
		organization = c.Issuer.Organization[0]
	}
	return brief(cmp.Or(strings.TrimSpace(organization+" "+c.Issuer.CommonName), "an authority without a name"))
}

func selfSigned(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// isAlert reports whether a handshake ended with an alert of either side.
func isAlert(err error) bool {
	_, alert := errors.AsType[tls.AlertError](err)
	op, is := errors.AsType[*net.OpError](err)
	return alert || is && (op.Op == "remote error" || op.Op == "local error") // as crypto/tls marks alerts
}

// handshakeFailed is the result for a server that presented no certificate.
func (d *doctor) handshakeFailed(err error) Check {
	proxy, _ := d.proxy()
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isRecord && string(record.RecordHeader[:]) == "HTTP/":
		return Fail.found("%s:%s speaks HTTP without TLS", d.host, d.port).withRemedy("use http:// in {address}, or the port that serves https")
	case isRecord:
		return Fail.found("%s:%s speaks neither TLS nor HTTP", d.host, d.port).withRemedy("check the port in {address}")
	case isAlert(err):
		return Fail.found("the handshake was refused: %s", brief(reason(err))).
			withRemedy("the server, or a proxy in front of it, must accept TLS 1.2 or newer for the name %s, without a client certificate", d.host)
	case isTimeout(err), errors.Is(err, context.DeadlineExceeded):
		return Fail.found("no handshake within %s", d.Timeout).withRemedy("check that the port in {address} serves https, and any firewall or proxy in between")
	case proxy != nil:
		return Fail.found("the proxy %s did not connect to %s: %s", proxyName(proxy), d.host, brief(reason(err))).
			withRemedy("check user and password in %s, and that the proxy may reach %s; or exclude %s with NO_PROXY", d.proxyVariable(), d.host, d.host)
	default:
		return Fail.found("the handshake failed: %s", brief(reason(err))).withRemedy("check that the port in {address} serves https for %s", d.host)
	}
}

// notTrusted is the result for certificates that are not trusted.
func (d *doctor) notTrusted(chain []*x509.Certificate, err error) Check {
	leaf := chain[0]
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, wrongName := errors.AsType[x509.HostnameError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, noRoots := errors.AsType[x509.SystemRootsError](err)
	switch {
	case isInvalid && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return Fail.found("the certificate is not valid before %s", invalid.Cert.NotBefore.UTC().Format(time.DateTime)).withRemedy("check this machine's clock")
	case isInvalid && invalid.Reason == x509.Expired:
		return Fail.found("the certificate, issued by %s, expired on %s", issuer(invalid.Cert), invalid.Cert.NotAfter.UTC().Format(time.DateOnly)).
			withRemedy("renew it on the server; if it is new, check this machine's clock")
	case wrongName:
		return Fail.found("the certificate is for %s, not for %s", names(leaf), d.host).
			withRemedy("use a name of its certificate in {address}, or give it a certificate for %s", d.host)
	case noRoots:
		return Fail.found("this machine trusts no authorities").withRemedy("install them (package ca-certificates), or set SSL_CERT_FILE to a file with them")
	case unknown && len(chain) == 1 && selfSigned(leaf):
		return Fail.found("the certificate is self-signed and not trusted by this machine").withRemedy("%s", trust("the certificate"))
	case unknown:
		return Fail.found("the certificate is issued by %s, which leads to no authority that this machine trusts", issuer(leaf)).
			withRemedy("if that is your own authority or a proxy that inspects TLS: %s. Otherwise the server must also send the intermediate certificate", trust("its certificate"))
	default:
		return Fail.found("the certificate is not trusted: %s", brief(err.Error())).withRemedy("give the server a certificate for %s from an authority that this machine trusts", d.host)
	}
}

// trust says how to make this machine trust something.
func trust(what string) string {
	remedy := "add " + what + " to the system's trusted authorities"
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return remedy
	}
	return remedy + ", or set SSL_CERT_FILE to a file with it"
}

// names returns the names in a certificate.
func names(c *x509.Certificate) string {
	all := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	return brief(cmp.Or(list(all), c.Subject.CommonName+" (in an obsolete field)"))
}
