using System.Diagnostics;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// The client's activities. Listeners are the consumer's code, called from inside the session's; exceptions they throw end here.
/// </summary>
internal static class ClientActivities
{
    private static readonly ActivitySource s_source = new(KisFeedDiagnostics.ActivitySourceName, KisFeedDiagnostics.Version);

    /// <summary>
    /// Starts the activity of a connection attempt. The first attempt is a child of the caller's activity; later ones have no parent.
    /// </summary>
    public static Activity? StartConnect(KisFeedOptions options, string session, Uri url, bool isFirst)
    {
        if (!s_source.HasListeners())
            return null;
        if (!isFirst)
            Activity.Current = null;
        return Start("kisfeed.connect", ActivityKind.Client, options)?.SetTag(DiagnosticTags.Session, session)
            .SetTag(DiagnosticTags.Url, url.AbsoluteUri);
    }

    /// <summary>Starts the activity of a subscription, which lasts until it is confirmed or fails.</summary>
    public static Activity? StartSubscribe(KisFeedOptions options, FeedSchema feed) =>
        Start("kisfeed.subscribe", ActivityKind.Client, options)?.SetTag(DiagnosticTags.Feed, feed.TrId);

    public static void End(Activity? activity, string outcome, Exception? error = null)
    {
        if (activity is null)
            return;
        activity.SetTag(DiagnosticTags.Outcome, outcome);
        if (error is not null)
        {
            // Only the messages of the library's own exceptions are known to contain no secret.
            activity.SetTag(DiagnosticTags.ErrorType, error.GetType().Name);
            activity.SetStatus(ActivityStatusCode.Error, error is KisFeedException ? error.Message : error.GetType().Name);
        }

        try
        {
            activity.Stop();
        }
#pragma warning disable CA1031 // Exceptions of consumer code must not end the session.
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

/// <summary>The tags of measurements and activities. None contains a key of a registration or a secret.</summary>
internal static class DiagnosticTags
{
    public const string Client = "kisfeed.client";
    public const string Session = "kisfeed.session";
    public const string Feed = "kisfeed.feed";
    public const string Phase = "kisfeed.phase";
    public const string Reason = "kisfeed.reason";
    public const string Outcome = "kisfeed.outcome";
    public const string BrokerCode = "kisfeed.broker.code";
    public const string FreshApprovalKey = "kisfeed.approval_key.fresh";
    public const string Url = "url.full";
    public const string ErrorType = "error.type";

    private const string OtherCode = "other";

    /// <summary>The name of an enum value in tags, e.g. <c>connection_lost</c>.</summary>
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A code of the documented form. Any other text from a server could have any content and any number of values.</summary>
    public static string Name(BrokerCode code) =>
        code.Value is ['O', 'P', 'S', 'P', .. { Length: 4 } digits] && digits.All(char.IsAsciiDigit) ? code.Value : OtherCode;
}
