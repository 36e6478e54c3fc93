-- Orders that were paid but not shipped within three days, by country.
WITH paid AS (
    SELECT o.id, o.customer_id, o.country_code, p.captured_at, o.total_amount
    FROM orders AS o
    INNER JOIN payments AS p ON p.order_id = o.id AND p.status = 'captured'
    WHERE p.captured_at >= NOW() - INTERVAL '30 days' AND o.cancelled_at IS NULL
), late AS (
    SELECT paid.*, s.shipped_at, EXTRACT(EPOCH FROM (COALESCE(s.shipped_at, NOW()) - paid.captured_at)) / 3600 AS hours_waited
    FROM paid LEFT JOIN shipments s ON s.order_id = paid.id
    WHERE s.shipped_at IS NULL OR s.shipped_at > paid.captured_at + INTERVAL '3 days'
)
SELECT country_code, COUNT(*) AS n, ROUND(AVG(hours_waited)::numeric, 1) AS avg_hours, SUM(total_amount) AS value,
       PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY hours_waited) AS p95
FROM late
GROUP BY country_code
HAVING COUNT(*) > {{ minimum.value || 5 }}
ORDER BY value DESC NULLS LAST, country_code
LIMIT {{ table1.pageSize }} OFFSET {{ table1.paginationOffset }};

INSERT INTO audit_log (actor, action, object_type, object_id, details, created_at)
VALUES ({{ current_user.email }}, 'refund', 'order', {{ orderId.value }}, '{"reason":"late"}'::jsonb, NOW()) ON CONFLICT DO NOTHING;
UPDATE inventory SET reserved = reserved - 1, updated_at = CURRENT_TIMESTAMP WHERE sku IN ('NW-0042-BLK', 'NW-0042-WHT') RETURNING sku, reserved;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS idx_shipments_order_id ON shipments USING btree (order_id) WHERE deleted_at IS NULL;
