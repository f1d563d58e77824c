using System.Text.Json;

namespace KisFeed.Gateway.Consumers;

/// <summary>Writes consumers as the JSON that <see cref="ConsumerFileReader"/> reads.</summary>
internal static class ConsumerFileWriter
{
    public static byte[] Write(IEnumerable<Consumer> consumers)
    {
        var content = new ConsumerFileContent { Version = ConsumerFileContent.CurrentVersion, Consumers = [.. consumers.Select(EntryOf)] };
        return [.. JsonSerializer.SerializeToUtf8Bytes(content, ConsumerFileJson.Default.ConsumerFileContent), (byte)'\n'];
    }

    private static ConsumerEntry EntryOf(Consumer consumer) => new()
    {
        Name = consumer.Name,
        AppKey = consumer.AppKey,
        SecretSha256 = [.. consumer.SecretHash],
        Feeds = new GrantedKeys(All: consumer.Feeds is null, consumer.Feeds),
        Notices = new GrantedKeys(consumer.Notices, consumer.Notices ? consumer.HtsIds : null),
        Operator = consumer.Operator ? true : null,
        Limits = consumer.Quota is var quota && quota != ConsumerQuota.None
            ? new ConsumerLimitsEntry
            {
                Slots = quota.Slots,
                Connections = quota.Connections,
                RequestsPerSecond = quota.RequestsPerSecond,
            }
            : null!,
        Created = consumer.CreatedAt,
        Expires = consumer.ExpiresAt,
        Previous = consumer.Previous is { } previous
            ? new PreviousEntry { AppKey = previous.AppKey, SecretSha256 = [.. previous.SecretHash], Until = previous.Until }
            : null!,
    };
}
