using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// <c>/v1/status</c>: what the gateway is doing, for people and programs. An operator sees all of it. Who else comes with a token sees of consumers itself alone, and of registrations those of feeds
/// that it may have.
/// </summary>
/// <param name="status">What the gateway is doing.</param>
/// <param name="health">Whether data can come.</param>
/// <param name="access">Who uses it, and who was turned away.</param>
/// <param name="frames">When the last frame came.</param>
/// <param name="catalog">The feeds.</param>
/// <param name="options">How the gateway is set up.</param>
/// <param name="source">Where the data come from.</param>
/// <param name="placesOf">Places of upstream that the consumer of a name holds.</param>
internal sealed class StatusPage(Func<GatewayStatus> status, HealthPages health, AccessControl access, LastFrames frames, FeedCatalog catalog, GatewayOptions options, Func<DataSource> source, Func<string, int> placesOf)
{
    // No HTS ID, so that only consumers with the right to all order notices see that there are registrations for them.
    private const string AnyHtsId = "";

    private readonly DateTimeOffset _startedAt = options.TimeProvider.GetUtcNow();
    private readonly long _started = options.TimeProvider.GetTimestamp();

    public Task AnswerAsync(HttpContext context, Account account) => WebAnswer.WriteJsonAsync(context, json => Write(json, account));

    private void Write(Utf8JsonWriter json, Account account)
    {
        var now = status();
        var upstreamNow = options.Upstream.TimeProvider.GetUtcNow();
        json.WriteStartObject();
        json.WriteString("version"u8, KisFeedDiagnostics.Version);
        TimeText.WriteMoment(json, "startedAt"u8, _startedAt);
        json.WriteNumber("uptimeSeconds"u8, (long)options.TimeProvider.GetElapsedTime(_started).TotalSeconds);
        json.WriteBoolean("isReady"u8, health.IsReady);
        json.WriteBoolean("isOpenToEverybody"u8, access.Accounts.IsOpen);
        json.WriteString("source"u8, StatusJson.WordOf(source()));
        StatusJson.WriteAge(json, "lastFrame"u8, frames.ReceivedAt, upstreamNow);
        json.WriteStartArray("upstream"u8);
        foreach (var session in now.Upstream)
            StatusJson.WriteSession(json, session, upstreamNow);
        json.WriteEndArray();
        json.WriteStartArray("registrations"u8);
        foreach (var registration in now.Registrations.Where(r => MaySee(account, r)).OrderBy(r => r.TrId, StringComparer.Ordinal).ThenBy(r => r.Key, StringComparer.Ordinal))
            StatusJson.WriteRegistration(json, registration);
        json.WriteEndArray();
        StatusJson.WriteTotals(json, now);
        StatusJson.WriteRefusals(json, access.Refusals);
        json.WriteStartArray("consumers"u8);
        foreach (var visible in account.IsOperator ? access.Accounts.All : [account])
            StatusJson.WriteConsumer(json, visible, placesOf(visible.Name));
        json.WriteEndArray();
        StatusJson.WriteRecording(json, now.Recording);
        json.WriteEndObject();
    }

    private bool MaySee(Account account, GatewayRegistration registration) => account.IsOperator || (catalog.TryFind(registration.TrId, out var feed) && account.MayRegister(feed, registration.Key ?? AnyHtsId));
}
