package search

import (
	"strings"
	"sync"
)

// synonyms are words of the field beside those of the API: phrases of a query, by
// commas, and the words of an operation that they mean; | parts alternatives. A phrase
// can stand in several rows: each is one of its meanings.
var synonyms = []struct{ phrases, mean string }{
	// What is done.
	{"remove, drop, erase, destroy, purge, wipe, get rid of, clean up, trash, kill, for good", "delete"},
	{"delete, drop, take out, kick, take away, take from, pull, detach, leave, off, out of", "remove"},
	{"add, make, new, set up, define, register, build, provision, open, start, connect, introduce, import", "create"},
	{"create, put, join, attach, include, append, enroll", "add"},
	{"change, edit, modify, alter, adjust, amend, switch, fix, correct, new, better, set, enter, turn into, make into, convert, promote, demote, point to, extend, raise, lower, increase, reduce", "update"},
	{"change, overwrite, set, swap, update, turn on, turn off, enable, disable, switch on, switch off", "replace"},
	{"rename, call, name, title, label, display name", "rename | update name"},
	{"show, see, view, find, look up, lookup, which, what, search, browse, enumerate, all, every, how many, who, everyone, list of, overview, inventory, any", "list"},
	{"show, see, view, details, read, inspect, look at, fetch, display, what, check", "get"},
	{"undo, take back, withdraw, cancel, retract, rescind", "delete | revoke | cancel"},
	{"duplicate, copy, fork", "clone | copy"},
	{"rotate, renew", "update | password"},
	{"verify, ping, try, reachable, works", "test | check"},
	{"validate, lint, check, syntax", "check | validate"},
	{"give, allow, let, permit, authorize, entitle, share, open to", "grant | give access"},
	{"assign", "grant role assign"},
	{"unshare, forbid, take away, deny, withdraw, strip, lose, no longer, take from", "revoke"},
	{"upload, publish, push", "upload | create"},
	{"move, relocate, reparent", "move | update"},
	{"throw away, discard, abandon, revert, reset, restore, undo", "reset"},

	{"created by, made by, created at, created in, created on, changed by, updated by", "owner"},

	// People.
	{"people, person, persons, member, account, employee, colleague, coworker, staff, teammate, developer, someone, somebody, login, profile, admin, everyone, everybody, seat", "user"},
	{"people, person, user, account, employee, colleague", "member"},
	{"team, teams, department, squad", "group"},
	{"offboard, off board, deactivate, terminate, suspend, leaver, block, fire, left the company, leaves the company, has left, is leaving, last day, ban, lock out, stop signing in, from signing in, from logging in, keep out, close account", "disable user"},
	{"onboard, on board, new hire, newcomer, starter, joins the company", "create invite | create user"},
	{"reactivate, reenable, rehire, re activate, re enable, re hire, unblock, came back, comes back", "update user active"},
	{"mfa, otp, totp, authenticator, second factor, two step, multi factor, two factor, phone, 2 factor, 2 step", "2fa"},
	{"sign out, log out, log off, sign off, signout, logoff, kick out, session, sign everybody out, sign everyone out", "logout | sign out sessions"},
	{"log in, logged in, login, sign in, signed in, last seen, last login", "last active | sign in | user"},
	{"log in again, sign in again, login again", "sign out sessions"},
	{"invitation, invitee", "invite"},
	{"invite, signup link", "create invite"},
	{"join request, asked to join, ask to join, wants to join, want to join, applicant, waiting to join, asked for, asks for, ask for, sign up request, signup request", "access request"},
	{"approve, deny, reject, accept, decline, decide", "approve | deny | request"},
	{"custom field, profile field, field, metadata, property, properties, department, cost center, job title", "user attribute"},

	// Permissions.
	{"right, rights, privilege, acl, entitlement, level, share", "access | permission"},
	{"can open, can see, can edit, can use, can access, can reach, has access, have access, who sees, who owns, allowed to, able to", "access list"},
	{"rbac, custom role", "role"},
	{"admin, admins, editor, viewer, in charge, manager", "member | group admin"},
	{"hold, holds, has the role, with the role", "role grant"},
	{"scopes, may do, can do, allows", "role scopes"},

	// Apps.
	{"dashboard, page, tool, ui, frontend, application, module", "app"},
	{"directory, subfolder, dir", "folder"},
	{"style, color, colour, brand, branding, look, palette, font, skin, design", "theme"},
	{"component, widget, react, plugin, custom code", "custom component library"},
	{"version", "revision | release"},

	// Resources, environments.
	{"db, database, data source, datasource, connection, connector, integration, warehouse, postgres, postgresql, mysql, snowflake, redshift, bigquery, mongodb, rest api, api endpoint", "resource"},
	{"host, port, credential, connection string, password, hostname, database user", "resource configuration | settings | password"},
	{"stage, tier, qa, prod, dev", "environment"},
	{"secret, env var, env variable, environment variable, constant, variable, config var, config value, parameter", "configuration variable"},
	{"config, settings, setup, option, preference", "configuration | settings | config"},

	// Workflows.
	{"job, cron, automation, pipeline, flow, schedule, scheduled, trigger", "workflow"},
	{"execution, run, succeed, succeeded, failed, ran, nightly", "workflow run | status"},
	{"approval, todo, to do, human task, inbox, manual step, sign off", "user task"},
	{"hand over, delegate, forward, pass on, pass to", "reassign"},
	{"complete, finish, approve, answer", "submit"},

	// Source control and releases.
	{"git, github, gitlab, bitbucket, repo, repository, version control, vcs, azure devops, codecommit, scm", "source control | git"},
	{"ship, roll out, rollout, promote, go live, deployment, pull the latest", "deploy | release"},
	{"unpublish, take offline", "delete manifest"},
	{"go live, publish, live version, roll back, rollback, pin", "manifest | release set"},
	{"latest, recent, last", "newest"},
	{"failed, status, progress, outcome, succeed, finished, last", "status"},
	{"deployment", "deployment | deploy source control"},
	{"commit, dry run, safe to deploy", "test deployment commit"},

	// Organization.
	{"okta, google, azure ad, entra, active directory, saml, oidc, openid, idp, identity provider, single sign on, login provider, ldap, onelogin", "sso"},
	{"api key, personal access token, pat, bearer token, service token, token, api token", "access token"},
	{"tenant, suborganization, sub organization, child organization, workspace, client, customer", "space"},
	{"company, org, tenant, instance, whole, everyone", "organization"},
	{"llm, gpt, copilot, artificial intelligence, chatbot, assist", "ai"},
	{"firewall, whitelist, ip address, ip range, egress, outbound", "ip allowlist"},
	{"python, javascript code, code execution, sandbox memory", "code executor"},
	{"segment, mixpanel, google analytics, tracking, telemetry", "analytics integration"},

	// Monitoring.
	{"statistic, statistics, metric, metrics, analytics, activity, adoption, traffic, popular, view, billing, usage report, active user, licence, license", "usage"},
	{"inactive, unused, idle, stale, opened, not used, unopened, dormant, nobody, how often", "usage | views"},
	{"sentry, datadog, monitoring, logging, error, apm, alert, crash report", "observability"},
}

// meanings are the synonyms by the terms of their phrases, joined by spaces.
var meanings = sync.OnceValue(func() map[string][][]string {
	out := map[string][][]string{}
	for _, row := range synonyms {
		for phrase := range strings.SplitSeq(row.phrases, ",") {
			key := strings.Join(terms(phrase), " ")
			for mean := range strings.SplitSeq(row.mean, "|") {
				out[key] = append(out[key], terms(mean))
			}
		}
	}
	return out
})

// longestPhrase is the number of words of the longest phrase.
const longestPhrase = 4
