using System.Diagnostics;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// The client's activities. Whoever listens to them is the consumer's code, called in the midst of the session's: what it throws ends here.
/// </summary>
internal static class ClientActivities
{
    private static readonly ActivitySource s_source = new(KisFeedDiagnostics.ActivitySourceName, KisFeedDiagnostics.Version);

    /// <summary>An attempt to connect. The first belongs to whoever asked for the client; later ones are nobody's, however long ago that was.</summary>
    public static Activity? StartConnect(KisFeedOptions options, string session, Uri url, bool isFirst)
    {
        if (!s_source.HasListeners())
            return null;
        if (!isFirst)
            Activity.Current = null;
        return Start("kisfeed.connect", ActivityKind.Client, options)?.SetTag(DiagnosticTags.Session, session).SetTag(DiagnosticTags.Url, url.AbsoluteUri);
    }

    /// <summary>A subscription, from being asked for until it is confirmed or fails.</summary>
    public static Activity? StartSubscribe(KisFeedOptions options, FeedSchema feed) =>
        Start("kisfeed.subscribe", ActivityKind.Client, options)?.SetTag(DiagnosticTags.Feed, feed.TrId);

    public static void End(Activity? activity, string outcome, Exception? error = null)
    {
        if (activity is null)
            return;
        activity.SetTag(DiagnosticTags.Outcome, outcome);
        if (error is not null)
        {
            // Of the library's own exceptions the messages are known to hold no secret.
            activity.SetTag(DiagnosticTags.ErrorType, error.GetType().Name);
            activity.SetStatus(ActivityStatusCode.Error, error is KisFeedException ? error.Message : error.GetType().Name);
        }

        try
        {
            activity.Stop();
        }
#pragma warning disable CA1031 // Whatever a consumer's code throws must not end the session.
        catch
#pragma warning restore CA1031
        {
        }
    }

    private static Activity? Start(string name, ActivityKind kind, KisFeedOptions options)
    {
        var before = Activity.Current;
        try
        {
            var activity = s_source.StartActivity(name, kind);
            return options.ClientName is { } client ? activity?.SetTag(DiagnosticTags.Client, client) : activity;
        }
#pragma warning disable CA1031 // As above.
        catch
#pragma warning restore CA1031
        {
            Activity.Current = before;
            return null;
        }
    }
}
