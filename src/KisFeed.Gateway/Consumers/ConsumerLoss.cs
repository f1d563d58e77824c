using KisFeed.Wire;

namespace KisFeed.Gateway;

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
