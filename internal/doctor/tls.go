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

// fewDays is when the end of a certificate is near.
const fewDays = 14

func (d *doctor) checkTLS(ctx context.Context) Check {
	switch {
	case d.inProcess():
		return inSandbox
	case d.scheme == "http" && (d.isLoopback() || d.UnixSocket != ""):
		return skip("the address is http, and on this machine")
	case d.scheme == "http":
		return warn("the address is http: the access token travels unencrypted").
			withRemedy("use https in {address}, unless nobody else is on the network in between")
	}
	met := d.firstResponse(ctx)
	switch {
	case met.state == nil && met.err != nil:
		return d.noHandshake(met.err)
	case met.state == nil:
		return fail("there was no handshake").withRemedy("check the scheme in {address}")
	case met.trust != nil:
		return d.distrust(met.state.PeerCertificates, met.trust)
	case alerted(met.err): // it shows a certificate, and wants to see one
		return d.noHandshake(met.err)
	}
	leaf := met.state.PeerCertificates[0]
	days := int(time.Until(leaf.NotAfter).Hours() / 24)
	c := ok("%s, for %s, issued by %s, %s left", tls.VersionName(met.state.Version), d.host, issuer(leaf), count(days, "day"))
	if days < fewDays {
		c.Status = Warn
		return c.withRemedy("the certificate ends on %s: renew it before that", leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return c
}

// issuer is who signed a certificate, by the name that says most.
func issuer(c *x509.Certificate) string {
	organization := ""
	if len(c.Issuer.Organization) > 0 {
		organization = c.Issuer.Organization[0]
	}
	if selfSigned(c) {
		return "itself"
	}
	return brief(cmp.Or(strings.TrimSpace(organization+" "+c.Issuer.CommonName), "somebody without a name"))
}

func selfSigned(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// alerted says whether a handshake ended with an alert, of the server's or ours.
func alerted(err error) bool {
	_, alert := errors.AsType[tls.AlertError](err)
	op, is := errors.AsType[*net.OpError](err)
	return alert || is && (op.Op == "remote error" || op.Op == "local error") // how crypto/tls marks its alerts
}

// noHandshake is what to do about a peer that never showed a certificate.
func (d *doctor) noHandshake(err error) Check {
	proxy, _ := d.proxy()
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case isRecord && string(record.RecordHeader[:]) == "HTTP/":
		return fail("%s:%s speaks HTTP without TLS", d.host, d.port).
			withRemedy("write http:// in {address}, or name the port that serves https")
	case isRecord:
		return fail("%s:%s speaks neither TLS nor HTTP", d.host, d.port).withRemedy("check the port in {address}")
	case alerted(err):
		return fail("the handshake was refused: %s", brief(reason(err))).
			withRemedy("the server, or a proxy in front of it, has to take TLS 1.2 or newer for the name %s, without a certificate of the client's", d.host)
	case isNet && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return fail("no handshake within %s", d.Timeout).withRemedy("check that the port in {address} serves https, and what is in between: a firewall, a proxy")
	case proxy != nil:
		return fail("the proxy %s did not connect to %s: %s", proxyName(proxy), d.host, brief(reason(err))).
			withRemedy("check user and password in %s, and that the proxy may reach %s; or take %s out of it with NO_PROXY", d.proxyVariable(), d.host, d.host)
	default:
		return fail("the handshake ended: %s", brief(reason(err))).withRemedy("check that the port in {address} serves https for %s", d.host)
	}
}

// distrust is what to do about certificates that are not trusted.
func (d *doctor) distrust(chain []*x509.Certificate, err error) Check {
	leaf := chain[0]
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, wrongName := errors.AsType[x509.HostnameError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, noRoots := errors.AsType[x509.SystemRootsError](err)
	switch {
	case isInvalid && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return fail("the certificate is not valid before %s", invalid.Cert.NotBefore.UTC().Format(time.DateTime)).withRemedy("check this machine's clock")
	case isInvalid && invalid.Reason == x509.Expired:
		return fail("the certificate, issued by %s, expired on %s", issuer(invalid.Cert), invalid.Cert.NotAfter.UTC().Format(time.DateOnly)).
			withRemedy("renew it on the server; if it is new, check this machine's clock")
	case wrongName:
		return fail("the certificate is for %s, not for %s", names(leaf), d.host).
			withRemedy("name the instance in {address} as its certificate does, or give it a certificate for %s", d.host)
	case noRoots:
		return fail("this machine knows no authorities to trust").withRemedy("install them (the package ca-certificates), or name a file with them in SSL_CERT_FILE")
	case unknown && len(chain) == 1 && selfSigned(leaf):
		return fail("the certificate is signed by itself, and this machine does not trust it").withRemedy("%s", trustIt("the certificate"))
	case unknown && len(chain) == 1:
		return fail("the certificate is issued by %s, which this machine does not know", issuer(leaf)).
			withRemedy("if that is an authority of your own: %s. Otherwise the server leaves out the intermediate certificate and has to send it", trustIt("its certificate"))
	case unknown:
		return fail("the certificate is issued by %s, which leads to no authority that this machine trusts", issuer(leaf)).
			withRemedy("%s; a proxy that looks into TLS has such an authority too", trustIt("the authority's certificate"))
	default:
		return fail("the certificate is not trusted: %s", brief(err.Error())).withRemedy("give the server a certificate for %s of an authority that this machine trusts", d.host)
	}
}

// trustIt says how this machine comes to trust something.
func trustIt(what string) string {
	if slices.Contains([]string{"windows", "darwin"}, runtime.GOOS) {
		return "add " + what + " to the authorities that the system trusts"
	}
	return "add " + what + " to the authorities that the system trusts, or name a file with it in SSL_CERT_FILE"
}

// names are those that a certificate is for.
func names(c *x509.Certificate) string {
	all := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	const most = 5
	if len(all) > most {
		all = append(all[:most], "…")
	}
	return brief(cmp.Or(strings.Join(all, ", "), c.Subject.CommonName+" (in a form that no longer counts)"))
}
