package seed

// connection is a resource; its options follow its type and, where there are
// several, its kind.
type connection struct {
	name, kind, variant string
	folder              string
	host, database      string
	unused              bool
}

// plannedConnections stand in the order in which a smaller organization has them.
var plannedConnections = []connection{
	{name: "Orders DB", kind: "postgresql", host: "db1", database: "orders", folder: "Databases"},
	{name: "Inventory DB", kind: "postgresql", host: "db1", database: "inventory", folder: "Databases"},
	{name: "Shipping API", kind: "restapi", variant: "bearer", host: "shipping", folder: "APIs>Carriers"},
	{name: "Support Tickets DB", kind: "postgresql", host: "db2", database: "tickets", folder: "Databases"},
	{name: "Analytics Warehouse", kind: "snowflake", variant: "snowflake", database: "ANALYTICS", folder: "Warehouses & lakes"},
	{name: "Returns DB", kind: "postgresql", host: "db1", database: "returns", folder: "Databases"},
	{name: "Loyalty DB", kind: "postgresql", host: "db1", database: "loyalty", folder: "Databases"},
	{name: "CRM DB", kind: "postgresql", host: "db2", database: "crm", folder: "Databases"},
	{name: "Payroll DB", kind: "postgresql", host: "db3", database: "payroll", folder: "Finance"},
	{name: "General Ledger", kind: "postgresql", host: "db3", database: "ledger", folder: "Finance"},
	{name: "Product Catalog DB", kind: "postgresql", host: "db10", database: "catalog", folder: "Databases"},
	{name: "Orders DB (read replica)", kind: "postgresql", variant: "connection_string", host: "db2-ro", database: "orders", folder: "Databases>Replicas"},
	{name: "Legacy Shop", kind: "mysql", host: "mysql1", database: "shop", folder: "Databases>Legacy (do not use)"},
	{name: "Blog", kind: "mysql", host: "mysql1", database: "wordpress", folder: "Databases"},
	{name: "Loyalty Points (old)", kind: "mysql", host: "mysql2", database: "points", folder: "Databases>Legacy (do not use)", unused: true},
	{name: "Warehouse Robots", kind: "grpc", variant: "bearer", host: "robots", database: "northwind.robots.v2.Fleet"},
	{name: "Stock Reservation", kind: "grpc", variant: "none", host: "stock", database: "northwind.stock.v1.Reservations", folder: "APIs"},
	{name: "Pricing Engine", kind: "grpc", variant: "auth0", host: "pricing", database: "northwind.pricing.v1.Quotes", folder: "APIs"},
	{name: "Finance Marts", kind: "snowflake", variant: "snowflake_jwt", database: "FINANCE", folder: "Finance"},
	{name: "Marketing Attribution", kind: "snowflake", variant: "oauth2", database: "MARKETING", folder: "Warehouses & lakes"},
	{name: "Clickstream", kind: "redshift", host: "clicks", database: "events", folder: "Warehouses & lakes"},
	{name: "Store Footfall", kind: "redshift", host: "footfall", database: "counters", folder: "Warehouses & lakes", unused: true},
	{name: "Payments API", kind: "restapi", variant: "basic", host: "payments", folder: "APIs"},
	{name: "Weather", kind: "restapi", variant: "none", host: "weather", folder: "APIs>Partners"},
	{name: "Partner Portal API", kind: "restapi", variant: "oauth2", host: "partners", folder: "APIs>Partners"},
	{name: "Customs Declarations", kind: "restapi", variant: "digest", host: "customs", folder: "APIs>Partners>Sandboxes"},
	{name: "ERP (old)", kind: "restapi", variant: "oauth1", host: "erp", folder: "APIs"},
	{name: "Identity API", kind: "restapi", variant: "auth0", host: "identity", folder: "APIs"},
	{name: "Cloud Costs", kind: "restapi", variant: "aws4", host: "costs", folder: "APIs"},
	{name: "Office Directory", kind: "restapi", variant: "azure_identity", host: "directory", folder: "APIs", unused: true},
	{name: "Product Photos", kind: "s3", folder: "Storage"},
	{name: "Invoice Archive", kind: "azureBlob", variant: "azure_storage_shared_key", database: "invoices", folder: "Storage"},
	{name: "Data Lake", kind: "azureBlob", variant: "azure_identity", database: "lake", folder: "Warehouses & lakes"},
	{name: "Support Chat", kind: "slackopenapi", folder: "Messaging"},
	{name: "Transactional Mail", kind: "sendgrid", folder: "Messaging"},
	{name: "Product Search", kind: "elasticsearch", folder: "Databases"},
	{name: "Session Cache", kind: "redis", folder: "Databases", unused: true},
	{name: `Opening Hours "live" 🕘`, kind: "googlesheets"},
	{name: "Card Terminals", kind: "stripe", folder: "APIs>Partners", unused: true},
	{name: "在庫DB (日本)", kind: "mongodb", folder: "Databases"},
}

// extraConnections are the systems of each shop, of which larger organizations
// have resources.
var extraConnections = []connection{
	{name: "Till DB", kind: "postgresql", database: "till", folder: "Databases"},
	{name: "Stock Scanner", kind: "restapi", variant: "bearer", folder: "APIs"},
	{name: "Door Counter", kind: "mysql", database: "counter", folder: "Databases"},
	{name: "Staff Roster", kind: "restapi", variant: "basic", folder: "APIs"},
	{name: "Signage", kind: "grpc", variant: "none", database: "northwind.signage.v1.Screens", folder: "APIs"},
	{name: "Photo Wall", kind: "s3", folder: "Storage", unused: true},
}
