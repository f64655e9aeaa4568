package shop.quotes;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * What each copy of the snapshot must have for itself: a random seed, connections and credentials.
 *
 * <p>The context holds registered resources weakly, so keep a reference to it.
 */
final class OwnState implements Resource {

    private volatile SplittableRandom discounts;
    private volatile DynamoDbClient prices;
    private volatile DefaultCredentialsProvider credentials;

    OwnState() {
        make();
        Core.getGlobalContext().register(this);
    }

    /** Runs once for each version, before Lambda takes the snapshot of it. */
    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        // A connection in the snapshot would be one that its other end has long forgotten.
        prices.close();
        credentials.close();
    }

    /** Runs in each copy, within 10 seconds. */
    @Override
    public void afterRestore(Context<? extends Resource> context) {
        make();
    }

    int discountPercent() {
        return discounts.nextInt(6);
    }

    DynamoDbClient prices() {
        return prices;
    }

    private void make() {
        // Seeded from the operating system: a seed in the snapshot would be every copy's.
        discounts = new SplittableRandom(new SecureRandom().nextLong());
        credentials = DefaultCredentialsProvider.create();
        prices = DynamoDbClient.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .credentialsProvider(credentials)
                .build();
    }
}
