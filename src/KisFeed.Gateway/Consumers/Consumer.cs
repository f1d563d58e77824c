using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Gateway.Consumers;

/// <summary>A program, or all programs of one person, that may use the gateway. Immutable.</summary>
internal sealed record Consumer
{
    public required string Name { get; init; }

    /// <summary>Its app key. Secret.</summary>
    public required string AppKey { get; init; }

    /// <summary>The SHA-256 of its app secret: <see cref="ConsumerCredentials.HashOf"/>. Secret.</summary>
    public required ImmutableArray<byte> SecretHash { get; init; }

    /// <summary>
    /// The TR IDs of the feeds that it may register for; <see langword="null"/> for all. Order notices are
    /// governed by <see cref="Notices"/>.
    /// </summary>
    public ImmutableArray<string>? Feeds { get; init; }

    /// <summary>Whether it may register for order notices: all, or those of <see cref="HtsIds"/>.</summary>
    public bool Notices { get; init; }

    /// <summary>The HTS IDs whose order notices it may register for, in the broker's spelling; <see langword="null"/> for all.</summary>
    public ImmutableArray<string>? HtsIds { get; init; }

    public ConsumerQuota Quota { get; init; } = ConsumerQuota.None;

    public bool Operator { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it may no longer use the gateway; <see langword="null"/> if it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public PreviousCredentials? Previous { get; init; }

    public static bool IsHtsId(string text) => KeyFormat.Fits(OrderNotice.Feed.TrId, text);

    public bool MayRegister(FeedSchema feed) =>
        feed.IsNotice ? Notices : Feeds is not { } feeds || feeds.Contains(feed.TrId, StringComparer.OrdinalIgnoreCase);

    public bool MayRegister(FeedSchema feed, string key) =>
        MayRegister(feed) && (!feed.IsNotice || HtsIds is not { } ids || ids.Contains(key, StringComparer.Ordinal));

    public bool HasRightsOf(Consumer other) =>
        Notices == other.Notices
        && Operator == other.Operator
        && ExpiresAt == other.ExpiresAt
        && Quota == other.Quota
        && AreSame(Feeds, other.Feeds)
        && AreSame(HtsIds, other.HtsIds);

    private static bool AreSame(ImmutableArray<string>? a, ImmutableArray<string>? b) =>
        a is { } left && b is { } right ? left.AsSpan().SequenceEqual(right.AsSpan()) : a is null && b is null;

    public bool HasCredentialsOf(Consumer other) =>
        string.Equals(AppKey, other.AppKey, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(SecretHash.AsSpan(), other.SecretHash.AsSpan());

    public override string ToString() => $"Consumer {{ Name = {Name} }}";
}

/// <summary>The limits of one consumer that differ from the general ones. Immutable.</summary>
internal sealed record ConsumerQuota(int? Slots, int? Connections, int? RequestsPerSecond)
{
    public static ConsumerQuota None { get; } = new(null, null, null);

    public ConsumerLimits ApplyTo(ConsumerLimits limits) => limits with
    {
        MaxSlots = Slots ?? limits.MaxSlots,
        MaxConnections = Connections ?? limits.MaxConnections,
        RequestsPerSecond = RequestsPerSecond ?? limits.RequestsPerSecond,
        RequestBurst = RequestsPerSecond is { } rate
            ? (int)Math.Clamp(Math.Ceiling(limits.RequestBurst * (rate / limits.RequestsPerSecond)), 1, int.MaxValue)
            : limits.RequestBurst,
    };
}

/// <summary>Replaced credentials that stay valid for a while beside the new ones.</summary>
/// <param name="AppKey">The app key. Secret.</param>
/// <param name="SecretHash">The SHA-256 of the app secret. Secret.</param>
/// <param name="Until">When they are no longer valid.</param>
internal sealed record PreviousCredentials(string AppKey, ImmutableArray<byte> SecretHash, DateTimeOffset Until)
{
    public override string ToString() => $"PreviousCredentials {{ Until = {Until:O} }}";
}

/// <summary>The rules for consumer names, which appear in commands, logs, metrics and URLs.</summary>
internal static class ConsumerName
{
    public const string Format = "1 to 64 letters, digits, hyphens, dots and underscores, starting with a letter or a digit";

    private const int MaxLength = 64;

    private static readonly SearchValues<char> s_characters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._");

    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    public static bool IsValid(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]) && !name.ContainsAnyExcept(s_characters);
}
