// Joins the orders with their refunds, newest first.
const orders = formatDataAsArray({{ getOrders.data }});
const refundsByOrder = _.groupBy({{ getRefunds.data }}, "order_id");

const statusColor = { open: "#E9AB11", paid: "#2E9F64", refunded: "#3170F9", failed: "#C0392B" };

return orders
  .filter((order) => !{{ hideCancelled.value }} || order.status !== "cancelled")
  .map((order) => {
    const refunds = refundsByOrder[order.id] ?? [];
    const refundedAmount = refunds.reduce((sum, refund) => sum + Number(refund.amount), 0);
    return {
      ...order,
      refundedAmount,
      isFullyRefunded: Math.abs(refundedAmount - order.totalAmount) < 0.005,
      statusColor: statusColor[order.status] || "gray",
      createdAtLocal: moment(order.created_at).tz("Europe/Oslo").format("YYYY-MM-DD HH:mm"),
    };
  })
  .sort((a, b) => b.created_at.localeCompare(a.created_at));
