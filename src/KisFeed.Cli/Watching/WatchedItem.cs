using KisFeed.Cli.Options;

namespace KisFeed.Cli.Watching;

/// <summary>An item of one of the subscriptions that are watched.</summary>
internal readonly record struct WatchedItem(WatchTarget Target, FrameItem Item);
