using System.Collections.Immutable;
using System.Security.Cryptography;
using KisFeed.Wire;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// The valid consumers at one time. While replaced credentials are still valid, their consumer is listed twice, once with each. Immutable.
/// </summary>
internal sealed class ConsumerSet
{
    private readonly ImmutableArray<(Consumer Consumer, ImmutableArray<byte> AppKeyHash)> _entries;

    /// <summary>Selects the consumers of a file that may use the gateway at a time.</summary>
    /// <param name="consumers">All of them.</param>
    /// <param name="now">The time; by default, nothing has expired.</param>
    public ConsumerSet(ImmutableArray<Consumer> consumers, DateTimeOffset now = default)
    {
        NextEnd = consumers.SelectMany(static c => new[] { c.ExpiresAt, c.Previous?.Until }).Where(end => end > now).Min();
        Consumers =
        [
            .. consumers.Where(c => c.ExpiresAt is null || c.ExpiresAt > now)
                .SelectMany(c => c.Previous is { } previous && previous.Until > now
                    ? new[]
                    {
                        c with { Previous = null },
                        c with { AppKey = previous.AppKey, SecretHash = previous.SecretHash, Previous = null },
                    }
                    : [c with { Previous = null }]),
        ];
        _entries = [.. Consumers.Select(static c => (c, ConsumerCredentials.HashOf(c.AppKey)))];
    }

    /// <summary>When the next consumer, or credentials of one, expires; <see langword="null"/> if none does.</summary>
    public DateTimeOffset? NextEnd { get; }

    public ImmutableArray<Consumer> Consumers { get; }

    /// <summary>
    /// Finds the consumer with these credentials; <see langword="null"/> if the app key or the secret is wrong. The time it takes depends
    /// only on the number of consumers and the lengths of the texts: everything is hashed and compared with every consumer.
    /// </summary>
    public Consumer? Check(string appKey, string appSecret)
    {
        var key = ConsumerCredentials.HashOf(appKey);
        var secret = ConsumerCredentials.HashOf(appSecret);
        Consumer? found = null;
        foreach (var (consumer, appKeyHash) in _entries)
        {
            var isKey = CryptographicOperations.FixedTimeEquals(key.AsSpan(), appKeyHash.AsSpan());
            var isSecret = CryptographicOperations.FixedTimeEquals(secret.AsSpan(), consumer.SecretHash.AsSpan());
            if (isKey & isSecret)
                found = consumer;
        }

        return found;
    }

    /// <summary>
    /// Finds the consumer with the credentials of another, whatever else was changed; <see langword="null"/> if there is none.
    /// </summary>
    public Consumer? Find(Consumer known) => Consumers.FirstOrDefault(known.HasCredentialsOf);

    /// <summary>The consumers of this set that are removed or have fewer rights in a later one.</summary>
    public ImmutableArray<ConsumerLoss> LossesIn(ConsumerSet later) =>
        [.. Consumers.Select(c => new ConsumerLoss(c, later.Find(c))).Where(static loss => loss.IsAny)];
}

/// <summary>A consumer that was removed or lost rights.</summary>
/// <param name="Before">The consumer before the change.</param>
/// <param name="After">The consumer after the change; <see langword="null"/> if its credentials are no longer valid.</param>
internal sealed record ConsumerLoss(Consumer Before, Consumer? After)
{
    /// <summary>Whether it was removed or its credentials were replaced, so that its connections must be closed.</summary>
    public bool IsGone => After is null;

    internal bool IsAny => After is not { } after
        || (Before.Notices && !after.Notices)
        || (Before.Notices
            && after.HtsIds is { } ids
            && (Before.HtsIds is not { } hadIds || hadIds.Except(ids, StringComparer.Ordinal).Any()))
        || (after.Feeds is { } left && (Before.Feeds is not { } had || had.Except(left, StringComparer.OrdinalIgnoreCase).Any()));

    /// <summary>Whether it may no longer register for a feed that it could register for before.</summary>
    public bool HasLost(FeedSchema feed) => Before.MayRegister(feed) && After?.MayRegister(feed) != true;
}

/// <summary>Consumers that were removed or lost rights.</summary>
internal sealed class ConsumerLossEventArgs(ImmutableArray<ConsumerLoss> losses) : EventArgs
{
    public ImmutableArray<ConsumerLoss> Losses => losses;
}
