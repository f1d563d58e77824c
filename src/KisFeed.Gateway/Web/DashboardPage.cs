using System.Collections.Immutable;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/dashboard</c>: what the dashboard needs at its start: the source of the data, the rights of the user, and the keys to show.
/// </summary>
internal sealed class DashboardPage(GatewayOptions options, AccessControl access, FeedCatalog catalog, Func<DataSource> source)
{
    private readonly ImmutableArray<FeedSchema> _feeds = [.. catalog.Feeds.Where(feed => options.Upstream.HasInService(catalog, feed))];

    public IResult Answer(HttpContext context, Account account) =>
        WebAnswer.Json(json => JsonSerializer.Serialize(json, SettingsOf(account), WebJson.Default.DashboardSettings));

    private DashboardSettings SettingsOf(Account account)
    {
        var feeds = _feeds.Where(feed => account.MayRegister(feed)).ToList();
        return new DashboardSettings
        {
            Source = source(),
            Viewer = new DashboardViewer(
                account.Name, access.Accounts.IsOpen, account.IsOperator, feeds.Exists(feed => feed.IsNotice),
                feeds.Select(feed => feed.TrId)),
            Watch = options.KeysToShow.Where(key => feeds.Exists(feed => feed.TrId == key.Feed.TrId)).Distinct()
                .Select(key => new HubKey(key.Feed.TrId, key.Key)),
            NoticeKeys = options.HtsIds.Where(id => feeds.Exists(feed => feed.IsNotice && account.MayRegister(feed, id))),
            Slots = options.Upstream.MaxRegistrations,
            HasHistory = options.Recording is not null,
        };
    }
}

/// <summary>The body of <c>/v1/dashboard</c>.</summary>
internal sealed record DashboardSettings
{
    public string Version { get; } = KisFeedDiagnostics.Version;

    public required DataSource Source { get; init; }

    public required DashboardViewer Viewer { get; init; }

    public required IEnumerable<HubKey> Watch { get; init; }

    public required IEnumerable<string> NoticeKeys { get; init; }

    public required int Slots { get; init; }

    public required bool HasHistory { get; init; }
}

/// <summary>The user of the dashboard.</summary>
/// <param name="Name">The name of its account.</param>
/// <param name="IsOpen">Whether the gateway admits everybody.</param>
/// <param name="IsOperator">Whether it may see all consumers.</param>
/// <param name="MayNotices">Whether it may register order notices.</param>
/// <param name="Feeds">The feeds that it may register.</param>
internal sealed record DashboardViewer(string Name, bool IsOpen, bool IsOperator, bool MayNotices, IEnumerable<string> Feeds);
