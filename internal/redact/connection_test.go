package redact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// Odd passwords: each has a part that a reader of another form would take for something
// else. The last ones need an escape where a form has separators.
const (
	who = "[redacted: user and password]"
	odd = `p@s/s:w%rd`
)

func TestConnectionStrings(t *testing.T) {
	whole := "[redacted: connection_string]"
	for _, x := range []struct{ given, want string }{
		// URLs
		{"postgres://app:PASS@db1.internal:5432/orders?sslmode=require", "postgres://" + who + "@db1.internal:5432/orders?sslmode=require"},
		{"postgresql://app:PASS@/orders?host=/var/run/postgresql&port=5433", "postgresql://" + who + "@/orders?host=/var/run/postgresql&port=5433"},
		{"postgres://app@db1/orders", "postgres://[redacted: user]@db1/orders"},
		{"postgres://db1:5432/orders", "postgres://db1:5432/orders"},
		{"postgres://app:PASS@[::1]:5432/orders", "postgres://" + who + "@[::1]:5432/orders"},
		{"postgres://app:PASS@db1/orders?sslpassword=x1&sslkey=x2&application_name=retool", "postgres://" + who + "@db1/orders?sslpassword=[redacted: sslpassword]&sslkey=[redacted: sslkey]&application_name=retool"},
		{"postgres://db1/orders?user=app&pass%77ord=PASS", "postgres://db1/orders?user=[redacted: user]&pass%77ord=[redacted: password]"},
		{"mysql+pymysql://app:PASS@db1/shop?charset=utf8mb4", "mysql+pymysql://" + who + "@db1/shop?charset=utf8mb4"},
		{"mongodb+srv://app:PASS@h1.example,h2.example:27018/shop?replicaSet=rs0&tls=true", "mongodb+srv://" + who + "@h1.example,h2.example:27018/shop?replicaSet=rs0&tls=true"},
		{"redis://:PASS@cache1:6379/0", "redis://[redacted: password]@cache1:6379/0"},
		{"amqps://app:PASS@mq1/%2Fshop?heartbeat=30", "amqps://" + who + "@mq1/%2Fshop?heartbeat=30"},
		{"snowflake://app:PASS@acme-eu/DB/PUBLIC?warehouse=WH&role=R&token=x3", "snowflake://" + who + "@acme-eu/DB/PUBLIC?warehouse=WH&role=R&token=[redacted: token]"},
		{"bigquery://acme-project/dataset?location=EU&credentials_base64=PASS", "bigquery://acme-project/dataset?location=EU&credentials_base64=[redacted: credentials_base64]"},
		{"databricks://token:PASS@acme.cloud.databricks.com:443/default?http_path=/sql/1", "databricks://" + who + "@acme.cloud.databricks.com:443/default?http_path=/sql/1"},
		{"https://PASSX@o1.ingest.sentry.io/42", "https://[redacted: user]@o1.ingest.sentry.io/42"},
		{"https://blob.example/c?sv=2024&sig=PASS&access_token=PASS", "https://blob.example/c?sv=2024&sig=[redacted: sig]&access_token=[redacted: access_token]"},
		// JDBC
		{"jdbc:postgresql://db1:5432/orders?user=app&password=PASS&ssl=true", "jdbc:postgresql://db1:5432/orders?user=[redacted: user]&password=[redacted: password]&ssl=true"},
		{"jdbc:sqlserver://db1:1433;databaseName=orders;user=app;password={PASS;}}x};encrypt=true", "jdbc:sqlserver://db1:1433;databaseName=orders;user=[redacted: user];password=[redacted: password];encrypt=true"},
		{"jdbc:oracle:thin:app/PASS@//db1:1521/orders", "jdbc:oracle:thin:" + who + "@//db1:1521/orders"},
		{"jdbc:oracle:thin:@db1:1521:orcl", "jdbc:oracle:thin:@db1:1521:orcl"},
		{"jdbc:snowflake://acme.snowflakecomputing.com/?user=app&password=PASS&warehouse=WH", "jdbc:snowflake://acme.snowflakecomputing.com/?user=[redacted: user]&password=[redacted: password]&warehouse=WH"},
		// ADO, ODBC and their like
		{"Server=tcp:db1,1433;Database=orders;User Id=app;Password=PASS;Encrypt=True", "Server=tcp:db1,1433;Database=orders;User Id=[redacted: User Id];Password=[redacted: Password];Encrypt=True"},
		{"Driver={ODBC Driver 18 for SQL Server};Server=db1;UID=app;PWD={PASS;x}}y};", "Driver={ODBC Driver 18 for SQL Server};Server=db1;UID=[redacted: UID];PWD=[redacted: PWD];"},
		{`Data Source=db1;Password="PASS;""x";Initial Catalog=orders`, `Data Source=db1;Password=[redacted: Password];Initial Catalog=orders`},
		{"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=PASS==;EndpointSuffix=core.windows.net", "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=[redacted: AccountKey];EndpointSuffix=core.windows.net"},
		{"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=PASS=", "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=[redacted: SharedAccessKey]"},
		// libpq, Go, Redis
		{`host=db1 port=5432 dbname=orders user=app password='PASS \'x' sslmode=require`, `host=db1 port=5432 dbname=orders user=[redacted: user] password=[redacted: password] sslmode=require`},
		{"app:PASS@tcp(db1:3306)/shop?parseTime=true", who + "@tcp(db1:3306)/shop?parseTime=true"},
		{"app/PASS@db1:1521/orders", who + "@db1:1521/orders"},
		{"cache1:6379,cache2:6379,password=PASS,ssl=True", "cache1:6379,cache2:6379,password=[redacted: password],ssl=True"},
		{"db1:5432/orders", "db1:5432/orders"},
		{"jdbc:oracle:oci:app/PASS@tns", "jdbc:oracle:oci:" + who + "@tns"},
		{"redis://cache1:6379?auth=PASS&db=1", "redis://cache1:6379?auth=[redacted: auth]&db=1"},
		{"https://s3.example/b?X-Amz-Date=1&X-Amz-Signature=PASS", "https://s3.example/b?X-Amz-Date=1&X-Amz-Signature=[redacted: X-Amz-Signature]"},
		// What is not clear is replaced whole.
		{"PASS", whole},
		{"postgres://app:PASS?x=y@db1/orders", whole},
		{"postgres://app:PASS@db1/orders?application_name=PASS@x", whole},
		{"redis://app:no-host", whole},
		{"https://hooks.example/services/T012345PASS6789012/B0", whole},
		{"Server=db1;Password=PASS;no pair", whole},
		{"host=db1 password=PASS;x sslmode=require", whole},
		{"host=db1 password=PASS and more", whole},
		{"cache1:6379,password=PASS,x", whole},
		{"user=u password=pass PASS host=h", whole},
		{"user=u password=pass PASS", whole},
		{`user=u password=p\ PASS host=h`, whole},
		{`user=u password=p\ PASS`, whole},
		{"user=u password=pass\nPASS host=h", whole},
		{"db1", whole},
	} {
		for _, password := range []string{"s3cr3t-passw0rd", odd, "%40%2f%3A", "12/34", `ü"'`} {
			if strings.ContainsAny(password, `"'`) && strings.ContainsAny(x.given, `"'`) {
				continue
			}
			given := strings.ReplaceAll(x.given, "PASS", password)
			if strings.Contains(x.given, "https://PASSX@") || strings.Contains(x.given, "hooks") && password != "s3cr3t-passw0rd" {
				given = strings.ReplaceAll(x.given, "PASS", "0123456789abcdef")
			}
			if isURL := strings.Contains(x.given, "?"); isURL && strings.ContainsAny(password, "@%") && !strings.Contains(x.given, ":PASS@") {
				continue // in an option it is escaped
			}
			field, err := json.Marshal(map[string]string{"connection_string": given})
			require.NoError(t, err)
			shown, _ := redacted(t, redact.Rules{}, string(field))
			var got map[string]string
			require.NoError(t, json.Unmarshal([]byte(shown), &got))
			require.Equal(t, x.want, got["connection_string"], given)

			again, _ := redacted(t, redact.Rules{}, shown)
			require.Equal(t, shown, again, "a second time")
			revealed, _ := redacted(t, redact.Rules{Reveal: true}, string(field))
			require.JSONEq(t, string(field), revealed)
		}
	}
}

// Whatever a field is called, and within messages, a database's URL loses its user.
func TestConnectionStringsInAnyText(t *testing.T) {
	for given, want := range map[string]string{
		"see postgres://app:" + odd + "@db1/orders.":                     "see postgres://" + who + "@db1/orders.",
		"postgres://app:a b" + odd + "@db1/orders":                       "postgres://" + who + "@db1/orders",
		"postgres://app:12/3@db1/orders":                                 "postgres://" + who + "@db1/orders",
		"postgres://u:p@db1/a?password=x@y":                              "postgres://[redacted: connection string]",
		"postgres://db1:5432/orders?password=p@ss":                       "postgres://db1:5432/orders?password=[redacted: password]",
		"Server=db1;User Id=app;Password=x":                              "Server=db1;User Id=[redacted: User Id];Password=[redacted: Password]",
		"app:" + odd + "@tcp(db1:3306)/shop":                             who + "@tcp(db1:3306)/shop",
		"DATABASE_URL=postgres://app:" + odd + "@db1/orders and more":    "DATABASE_URL=postgres://" + who + "@db1/orders and more",
		`{\"connection_string\":\"postgres://app:x1y2@db1/orders\"}`:     `{\"connection_string\":\"postgres://` + who + `@db1/orders\"}`,
		"use postgres://HOST:PORT/DB":                                    "use postgres://HOST:PORT/DB",
		"http://a:\nwrite to me@example.com":                             "http://a:\nwrite to me@example.com",
		"host=db1 port=5432 failed for user=bob":                         "host=db1 port=5432 failed for user=bob",
		"https://git:s3cr3t-t0ken@example.com/x.git ssh://git@host/repo": "https://" + who + "@example.com/x.git ssh://git@host/repo",
	} {
		field, err := json.Marshal(map[string]string{"note": given})
		require.NoError(t, err)
		shown, _ := redacted(t, redact.Rules{}, string(field))
		var got map[string]string
		require.NoError(t, json.Unmarshal([]byte(shown), &got))
		require.Equal(t, want, got["note"])
		require.Equal(t, want, redact.New(redact.Rules{}).Message(given))
	}
}

func TestSecretsOfConnectionStrings(t *testing.T) {
	require.Equal(t, []string{"key", "p@ss"}, redact.ConnectionSecrets("postgres://app:p%40ss@db1/orders?sslkey=key"))
	require.Equal(t, []string{"app", "x;y"}, redact.ConnectionSecrets("Server=db1;UID=app;PWD={x;y}"))
	require.Empty(t, redact.ConnectionSecrets("no connection string"))
}
