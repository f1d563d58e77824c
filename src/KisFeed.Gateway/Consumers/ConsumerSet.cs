using System.Collections.Immutable;
using System.Security.Cryptography;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The consumers that there are at one time. One whose credentials were replaced is there twice while the old ones are valid, once with each. Immutable.</summary>
internal sealed class ConsumerSet
{
    private readonly ImmutableArray<(Consumer Consumer, ImmutableArray<byte> AppKeyHash)> _entries;

    /// <summary>The consumers of a file that may use the gateway at a time.</summary>
    /// <param name="consumers">All of them.</param>
    /// <param name="now">The time; by default one at which nothing has expired.</param>
    public ConsumerSet(ImmutableArray<Consumer> consumers, DateTimeOffset now = default)
    {
        NextEnd = consumers.SelectMany(static c => new[] { c.ExpiresAt, c.Previous?.Until }).Where(end => end > now).Min();
        Consumers =
        [
            .. consumers.Where(c => c.ExpiresAt is null || c.ExpiresAt > now)
                .SelectMany(c => c.Previous is { } previous && previous.Until > now
                    ? new[] { c with { Previous = null }, c with { AppKey = previous.AppKey, SecretHash = previous.SecretHash, Previous = null } }
                    : [c with { Previous = null }]),
        ];
        _entries = [.. Consumers.Select(static c => (c, ConsumerCredentials.HashOf(c.AppKey)))];
    }

    /// <summary>When the next of them, or of their credentials, expires; <see langword="null"/>: never.</summary>
    public DateTimeOffset? NextEnd { get; }

    /// <summary>Those that may use the gateway, in the order of the file.</summary>
    public ImmutableArray<Consumer> Consumers { get; }

    /// <summary>
    /// Whose credentials these are; <see langword="null"/> for nobody's, be it the app key or the secret that is wrong. How long it takes depends on the
    /// number of consumers and the lengths of the texts alone: everything is hashed and compared, with everybody's.
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

    /// <summary>Whether somebody who came as this consumer still could, whatever else was changed of it.</summary>
    public Consumer? Find(Consumer known) => Consumers.FirstOrDefault(known.HasCredentialsOf);

    /// <summary>What somebody of this set has lost in a later one.</summary>
    public ImmutableArray<ConsumerLoss> LossesIn(ConsumerSet later) =>
        [.. Consumers.Select(c => new ConsumerLoss(c, later.Find(c))).Where(static loss => loss.IsAny)];
}

/// <summary>A consumer that has been removed, or may no longer do all that it might.</summary>
/// <param name="Before">It, as it was.</param>
/// <param name="After">It, as it is; <see langword="null"/> where there is nobody any more with its credentials.</param>
internal sealed record ConsumerLoss(Consumer Before, Consumer? After)
{
    /// <summary>Whether its connections are to be closed: it was removed, or was given other credentials.</summary>
    public bool IsGone => After is null;

    /// <summary>Whether anything was lost at all.</summary>
    internal bool IsAny => After is not { } after
        || (Before.Notices && !after.Notices)
        || (Before.Notices && after.HtsIds is { } ids && (Before.HtsIds is not { } hadIds || hadIds.Except(ids, StringComparer.Ordinal).Any()))
        || (after.Feeds is { } left && (Before.Feeds is not { } had || had.Except(left, StringComparer.OrdinalIgnoreCase).Any()));

    /// <summary>Whether it might register for a feed, and may no longer.</summary>
    public bool Loses(FeedSchema feed) => Before.MayRegister(feed) && After?.MayRegister(feed) != true;
}

/// <summary>Who has gone or may do less than before.</summary>
internal sealed class ConsumerLossEventArgs(ImmutableArray<ConsumerLoss> losses) : EventArgs
{
    /// <summary>At least one.</summary>
    public ImmutableArray<ConsumerLoss> Losses => losses;
}
