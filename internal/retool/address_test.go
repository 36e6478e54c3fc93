package retool_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func TestParseAddress(t *testing.T) {
	tests := map[string]struct {
		raw    string
		scheme string
		want   string
	}{
		"cloud gateway":              {raw: retool.CloudAddress, want: retool.CloudAddress},
		"origin":                     {raw: "https://acme.retool.com", want: "https://acme.retool.com/api/v2"},
		"trailing slash":             {raw: "https://acme.retool.com/", want: "https://acme.retool.com/api/v2"},
		"several trailing slashes":   {raw: "https://acme.retool.com//", want: "https://acme.retool.com/api/v2"},
		"API path":                   {raw: "https://acme.retool.com/api/v2", want: "https://acme.retool.com/api/v2"},
		"API path with slash":        {raw: "https://acme.retool.com/api/v2/", want: "https://acme.retool.com/api/v2"},
		"bare host":                  {raw: "acme.retool.com", want: "https://acme.retool.com/api/v2"},
		"bare host with slash":       {raw: "acme.retool.com/", want: "https://acme.retool.com/api/v2"},
		"bare host with API path":    {raw: "acme.retool.com/api/v2/", want: "https://acme.retool.com/api/v2"},
		"bare host, given scheme":    {raw: "retool.internal", scheme: "http", want: "http://retool.internal/api/v2"},
		"given scheme in upper case": {raw: "retool.internal", scheme: "HTTP", want: "http://retool.internal/api/v2"},
		"own scheme wins":            {raw: "https://retool.internal", scheme: "http", want: "https://retool.internal/api/v2"},
		"host and port":              {raw: "https://acme.example.com:8443", want: "https://acme.example.com:8443/api/v2"},
		"bare host and port":         {raw: "acme.example.com:8443", want: "https://acme.example.com:8443/api/v2"},
		"localhost and port":         {raw: "localhost:3000", scheme: "http", want: "http://localhost:3000/api/v2"},
		"IPv4 and port":              {raw: "127.0.0.1:3000", scheme: "http", want: "http://127.0.0.1:3000/api/v2"},
		"sub-path":                   {raw: "https://tools.example.com/retool", want: "https://tools.example.com/retool/api/v2"},
		"sub-path with slash":        {raw: "https://tools.example.com/retool/", want: "https://tools.example.com/retool/api/v2"},
		"sub-path and API path":      {raw: "https://tools.example.com/retool/api/v2", want: "https://tools.example.com/retool/api/v2"},
		"deep sub-path, bare host":   {raw: "tools.example.com:81/a/b/", want: "https://tools.example.com:81/a/b/api/v2"},
		"sub-path keeps its case":    {raw: "https://tools.example.com/ReTool", want: "https://tools.example.com/ReTool/api/v2"},
		"sub-path keeps its escapes": {raw: "https://tools.example.com/a%2Fb%20c", want: "https://tools.example.com/a%2Fb%20c/api/v2"},
		"likeness of the API path":   {raw: "https://tools.example.com/myapi/v2/api/v2", want: "https://tools.example.com/myapi/v2/api/v2"},
		"upper case":                 {raw: "HTTPS://ACME.Retool.COM", want: "https://acme.retool.com/api/v2"},
		"default port of https":      {raw: "https://acme.retool.com:443/", want: "https://acme.retool.com/api/v2"},
		"default port of http":       {raw: "http://acme.retool.com:80", want: "http://acme.retool.com/api/v2"},
		"other scheme's port":        {raw: "http://acme.retool.com:443", want: "http://acme.retool.com:443/api/v2"},
		"IPv6":                       {raw: "http://[::1]", want: "http://[::1]/api/v2"},
		"IPv6 and port":              {raw: "[2001:DB8::1]:3000", want: "https://[2001:db8::1]:3000/api/v2"},
		"IPv6 and default port":      {raw: "http://[2001:db8::80]:80", want: "http://[2001:db8::80]/api/v2"},
		"dot at the end":             {raw: "https://acme.retool.com/api/v2/.", want: "https://acme.retool.com/api/v2"},
		"dots within":                {raw: "https://acme.retool.com/./api/./v2/", want: "https://acme.retool.com/api/v2"},
		"escaped dot":                {raw: "https://acme.retool.com/%2E/api/v2", want: "https://acme.retool.com/api/v2"},
		"doubled slashes":            {raw: "https://acme.retool.com//api//v2//", want: "https://acme.retool.com/api/v2"},
		"escaped API path":           {raw: "https://acme.retool.com/api/%76%32", want: "https://acme.retool.com/api/v2"},
		"escaped API path, sub-path": {raw: "https://acme.example.com/re%74ool/%61pi/v2/", want: "https://acme.example.com/retool/api/v2"},
		"document":                   {raw: "https://acme.retool.com/api/v2/spec", want: "https://acme.retool.com/api/v2"},
		"document, slash, sub-path":  {raw: "acme.example.com:8443/retool/api/v2/spec/", want: "https://acme.example.com:8443/retool/api/v2"},
		"sub-path like a page":       {raw: "https://tools.example.com/apps/retool/api/v2", want: "https://tools.example.com/apps/retool/api/v2"},
		"sub-path below api":         {raw: "https://tools.example.com/api/retool/api/v2", want: "https://tools.example.com/api/retool/api/v2"},
		"sub-path with dots":         {raw: "https://tools.example.com/retool.v3/", want: "https://tools.example.com/retool.v3/api/v2"},
		"sub-path of a version":      {raw: "https://tools.example.com/v3/api/v2", want: "https://tools.example.com/v3/api/v2"},
		"sub-path, escape in lower":  {raw: "https://tools.example.com/a%c3%bc", want: "https://tools.example.com/a%C3%BC/api/v2"},
		"sub-path outside ASCII":     {raw: "https://tools.example.com/aü", want: "https://tools.example.com/a%C3%BC/api/v2"},
		"punycode":                   {raw: "https://XN--bcher-kva.example", want: "https://xn--bcher-kva.example/api/v2"},
		"dot after the host":         {raw: "https://acme.retool.com.", want: "https://acme.retool.com/api/v2"},
		"dot before the port":        {raw: "https://acme.retool.com.:443/", want: "https://acme.retool.com/api/v2"},
		"zeros before the port":      {raw: "https://acme.retool.com:0443", want: "https://acme.retool.com/api/v2"},
		"quoted":                     {raw: ` "https://acme.retool.com" `, want: "https://acme.retool.com/api/v2"},
		"quoted in single quotes":    {raw: `'acme.retool.com'`, want: "https://acme.retool.com/api/v2"},
		"quoted by a word processor": {raw: "“https://acme.retool.com”", want: "https://acme.retool.com/api/v2"},
		"byte order mark":            {raw: "\ufeffhttps://acme.retool.com", want: "https://acme.retool.com/api/v2"},
		"invisible at the end":       {raw: "https://acme.retool.com/api/v2\u200b", want: "https://acme.retool.com/api/v2"},
		"invisible around quotes":    {raw: "\u200b 'acme.retool.com'\u2060\n", want: "https://acme.retool.com/api/v2"},
		"operation's path, API path": {raw: "https://tools.example.com/users/api/v2", want: "https://tools.example.com/users/api/v2"},
		"likeness of the cloud":      {raw: "https://myretool.com/retool", want: "https://myretool.com/retool/api/v2"},
		"surrounding blanks":         {raw: " \thttps://acme.retool.com \n", want: "https://acme.retool.com/api/v2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			address, err := retool.ParseAddress(test.raw, test.scheme)
			require.NoError(t, err)
			require.Equal(t, test.want, address.String())

			again, err := retool.ParseAddress(address.String(), "")
			require.NoError(t, err)
			require.Equal(t, address, again)
		})
	}
}

func TestParseAddressRefuses(t *testing.T) {
	tests := map[string]struct {
		raw    string
		scheme string
		says   string
	}{
		"nothing":                     {raw: "", says: "no host"},
		"spaces":                      {raw: " \t", says: "no host"},
		"scheme only":                 {raw: "https://", says: "no host"},
		"path only":                   {raw: "https:///api/v2", says: "no host"},
		"port only":                   {raw: "https://:3000", says: "no host"},
		"other scheme":                {raw: "ftp://acme.retool.com", says: "http or https"},
		"other given scheme":          {raw: "acme.retool.com", scheme: "unix", says: "http or https"},
		"file":                        {raw: "file:///etc/passwd", says: "http or https"},
		"half quoted":                 {raw: `"https://acme.retool.com`, says: "http or https"},
		"autolink":                    {raw: "<https://acme.retool.com>", says: "http or https"},
		"end of Markdown":             {raw: "https://acme.retool.com/)", says: "characters"},
		"user and password":           {raw: "https://joe:hunter2@acme.retool.com", says: "user name or password"},
		"user and password, bare":     {raw: "joe:hunter2@acme.retool.com", says: "user name or password"},
		"password with slash":         {raw: "https://joe:1/hunter2@acme.retool.com", says: "user name or password"},
		"query":                       {raw: "https://acme.retool.com/?a=hunter2", says: "query or fragment"},
		"empty query":                 {raw: "https://acme.retool.com?", says: "query or fragment"},
		"fragment":                    {raw: "https://acme.retool.com/#/apps", says: "query or fragment"},
		"port is a word":              {raw: "https://acme.retool.com:hunter2", says: "host and port"},
		"port is 0":                   {raw: "https://acme.retool.com:0", says: "1 to 65535"},
		"port is too large":           {raw: "https://acme.retool.com:65536", says: "1 to 65535"},
		"port is missing":             {raw: "https://acme.retool.com:", says: "1 to 65535"},
		"scheme without slashes":      {raw: "https:acme.retool.com", says: "host and port"},
		"control character":           {raw: "https://acme.retool.com/\x00", says: "control characters"},
		"line feed within":            {raw: "https://acme.retool.com\n/x", says: "control characters"},
		"blank within":                {raw: "https://acme retool.com", says: "spaces"},
		"IPv6 without brackets":       {raw: "https://2001:db8::1", says: "host and port"},
		"IPv6 with one bracket":       {raw: "https://[::1", says: "host and port"},
		"placeholder of the handbook": {raw: "https://<org>.retool.com", says: "characters that are not allowed in a host name"},
		"other version":               {raw: "https://acme.retool.com/api/v1", says: "must end with /api/v2"},
		"later version":               {raw: "https://acme.retool.com/api/v20/", says: "must end with /api/v2"},
		"version of the gateway":      {raw: "https://api.retool.com/v2", says: "must end with /api/v2"},
		"API path, sentence":          {raw: "https://acme.retool.com/api/v2.", says: "must end with /api/v2"},
		"API path in upper case":      {raw: "https://acme.retool.com/API/V2", says: "must end with /api/v2"},
		"API path, escaped slash":     {raw: "https://acme.retool.com/api%2Fv2", says: "must end with /api/v2"},
		"API path, backslash":         {raw: `https://acme.retool.com/api%5Cv2`, says: "must end with /api/v2"},
		"API path twice":              {raw: "https://acme.retool.com/api/v2/api/v2", says: "must end with /api/v2"},
		"operation":                   {raw: "https://acme.retool.com/api/v2/users", says: "must end with /api/v2"},
		"below the document":          {raw: "https://acme.retool.com/api/v2/spec/x", says: "must end with /api/v2"},
		"document twice":              {raw: "https://acme.retool.com/api/v2/spec/spec", says: "must end with /api/v2"},
		"escaped twice":               {raw: "https://acme.retool.com/api/%2576%2532", says: "characters"},
		"API without a version":       {raw: "https://acme.retool.com/api", says: "page"},
		"reference":                   {raw: "https://acme.retool.com/reference", says: "page"},
		"reference, escaped":          {raw: "https://acme.retool.com/r%65ference/", says: "page"},
		"API's own reference":         {raw: "https://acme.retool.com/api/reference", says: "page"},
		"settings":                    {raw: "https://acme.retool.com/settings/api", says: "page"},
		"settings below a sub-path":   {raw: "https://tools.example.com/retool/Settings/API", says: "page"},
		"app":                         {raw: "https://acme.retool.com/apps/8d2c/My%20App", says: "page"},
		"editor":                      {raw: "acme.retool.com/editor/hunter2", says: "page"},
		"login":                       {raw: "https://acme.retool.com/auth/login", says: "page"},
		"index":                       {raw: "https://acme.retool.com/index.html", says: "page"},
		"document elsewhere":          {raw: "https://acme.retool.com/openapi.yaml", says: "page"},
		"folder above":                {raw: "https://acme.retool.com/x/../api/v2", says: `".."`},
		"folder above, escaped":       {raw: "https://acme.retool.com/%2e%2E/api/v2", says: `".."`},
		"address in the path":         {raw: "https://acme.retool.com/https://acme.retool.com/api/v2", says: "characters"},
		"scheme twice":                {raw: "https://https://acme.retool.com", says: "port"},
		"session in the path":         {raw: "https://acme.retool.com/retool;jsessionid=hunter2", says: "characters"},
		"placeholder in the path":     {raw: "https://acme.retool.com/{path}", says: "characters"},
		"placeholder in the host":     {raw: "https://${ORG}.retool.com", says: "host"},
		"letter outside ASCII":        {raw: "https://b\u00fccher.example", says: "xn--"},
		"letter of another script":    {raw: "https://\u0430cme.retool.com", says: "xn--"},
		"escaped letter in the host":  {raw: "https://b%C3%BCcher.example", says: "xn--"},
		"query after the API path":    {raw: "https://acme.retool.com/api/v2?", says: "query or fragment"},
		"sub-path in the cloud":       {raw: "https://acme.retool.com/retool", says: "cloud"},
		"sub-path, API path, cloud":   {raw: "https://Acme.Retool.COM.:8443/retool/api/v2", says: "cloud"},
		"page of the cloud":           {raw: "acme.retool.com/embedded/public/uuid", says: "cloud"},
		"page of Retool":              {raw: "https://retool.com/pricing", says: "cloud"},
		"sub-path and version":        {raw: "https://tools.example.com/sub/v2", says: "must end with /api/v2"},
		"likeness of the API path":    {raw: "https://tools.example.com/myapi/V2/", says: "must end with /api/v2"},
		"callback":                    {raw: "https://tools.example.com/oauth/callback", says: "page"},
		"operation's path":            {raw: "https://tools.example.com/Users", says: "page"},
		"operation, sub-path":         {raw: "https://tools.example.com/retool/folders/1", says: "page"},
		"page of the reference":       {raw: "https://tools.example.com/swagger-ui/", says: "page"},
		"empty label":                 {raw: "https://acme..retool.com", says: "dot too many"},
		"empty label first":           {raw: ".retool.com", says: "dot too many"},
		"empty labels last":           {raw: "https://tools.example.com..:8443", says: "dot too many"},
		"invisible in the host":       {raw: "https://acme\u200b.retool.com", says: "invisible"},
		"invisible before the path":   {raw: "https://tools.example.com\ufeff/retool", says: "invisible"},
		"invisible, escaped":          {raw: "https://tools.example.com/%E2%80%8B", says: "characters"},
		"only a dot":                  {raw: "https://./", says: "no host"},
		"broken escape":               {raw: "https://acme.retool.com/%zz", says: "not a valid URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			address, err := retool.ParseAddress(test.raw, test.scheme)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "hunter2")
			require.NotContains(t, err.Error(), "\n")
			require.Equal(t, retool.Address{}, address)
		})
	}
}

func TestAddressOrigin(t *testing.T) {
	address, err := retool.ParseAddress("https://tools.example.com:8443/retool", "")
	require.NoError(t, err)
	require.Equal(t, "https://tools.example.com:8443", address.Origin())
}

func TestAddressEqual(t *testing.T) {
	parse := func(raw string) retool.Address {
		address, err := retool.ParseAddress(raw, "")
		require.NoError(t, err)
		return address
	}
	one := parse("https://acme.retool.com")
	require.Equal(t, one, parse("ACME.retool.com:443/api/v2/"))
	require.NotEqual(t, parse("tools.example.com"), parse("tools.example.com/x"))
	for _, other := range []string{"http://acme.retool.com", "acme.retool.com:444", "acme2.retool.com"} {
		require.NotEqual(t, one, parse(other), other)
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("https://tools.example.com:8443/a%2Fb/api/v2/", "")
	f.Add("[FE80::1%25eth0]:80", "http")
	f.Add("\ufeffacme..retool.com/retool/v2\u200b", "")
	f.Add("b\u00fccher.example", "https")
	f.Add("https://acme.retool.com/./%61pi//v2/spec/", "")
	f.Add("acme.retool.com.:0443/%2e/apps/api%2fv2", "")
	f.Add("“tools.example.com/a%c3%bc/api/v2/.”", "http")
	f.Fuzz(func(t *testing.T, raw, scheme string) {
		address, err := retool.ParseAddress(raw, scheme)
		if err != nil {
			return
		}
		again, err := retool.ParseAddress(address.String(), "")
		require.NoError(t, err, "%q became %q", raw, address)
		require.Equal(t, address, again)
		require.Regexp(t, `^https?://[^/]+(/[^/]+)*/api/v2$`, address.String())
		require.Equal(t, 1, strings.Count(strings.ToLower(address.String()), "/api/v"), "%q became %q", raw, address)
	})
}
