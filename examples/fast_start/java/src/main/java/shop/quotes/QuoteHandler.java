package shop.quotes;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Answers {@code GET /quotes/{sku}} of an HTTP API. */
public final class QuoteHandler implements RequestHandler<Map<String, Object>, Map<String, Object>> {

    private static final String TABLE = System.getenv("PRICES_TABLE");

    private final OwnState own = new OwnState();

    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        String path = String.valueOf(event.get("rawPath"));
        String sku = path.substring(path.lastIndexOf('/') + 1);
        if (!path.equals("/quotes/" + sku) || sku.isEmpty()) {
            return answer(404, "{\"detail\":\"Not Found\"}");
        }
        Map<String, AttributeValue> item = own.prices()
                .getItem(get -> get.tableName(TABLE).key(Map.of("sku", AttributeValue.fromS(sku))))
                .item();
        if (item.isEmpty()) {
            return answer(404, "{\"detail\":\"No price\"}");
        }
        int percent = own.discountPercent();
        long cents = Long.parseLong(item.get("cents").n());
        // The id is made here and not before: one in the snapshot would be every copy's.
        return answer(200, String.format(
                "{\"id\":\"%s\",\"cents\":%d,\"discount_percent\":%d}",
                UUID.randomUUID(), cents * (100 - percent) / 100, percent));
    }

    private static Map<String, Object> answer(int status, String body) {
        return Map.of(
                "statusCode", status,
                "headers", Map.of("content-type", "application/json"),
                "body", body);
    }
}
