using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// <c>/v1/status</c>: what the gateway is doing, for people and programs. Who comes with a token sees of consumers itself alone, and of registrations those of feeds that it may have.
/// </summary>
/// <param name="status">What the gateway is doing.</param>
/// <param name="health">Whether data can come.</param>
/// <param name="accounts">Those who use it.</param>
/// <param name="refusals">Who was turned away.</param>
/// <param name="frames">When the last frame came.</param>
/// <param name="catalog">The feeds.</param>
/// <param name="clocks">The clocks of the consumers' side and of upstream.</param>
/// <param name="writeRecording">Writes the value of <c>recording</c>; <see langword="null"/> where nothing is recorded.</param>
internal sealed class StatusPage(
    Func<GatewayStatus> status, HealthPages health, Accounts accounts, Refusals refusals, LastFrames frames, FeedCatalog catalog, (TimeProvider Own, TimeProvider Upstream) clocks, Action<Utf8JsonWriter>? writeRecording)
{
    private readonly DateTimeOffset _startedAt = clocks.Own.GetUtcNow();
    private readonly long _started = clocks.Own.GetTimestamp();

    public Task AnswerAsync(HttpContext context, Account account) => WebAnswer.WriteJsonAsync(context, json => Write(json, account));

    private void Write(Utf8JsonWriter json, Account account)
    {
        var now = status();
        var upstreamNow = clocks.Upstream.GetUtcNow();
        json.WriteStartObject();
        json.WriteString("version"u8, KisFeedDiagnostics.Version);
        json.WriteString("startedAt"u8, KoreaTime.From(_startedAt));
        json.WriteNumber("uptimeSeconds"u8, (long)clocks.Own.GetElapsedTime(_started).TotalSeconds);
        json.WriteBoolean("isReady"u8, health.IsReady);
        json.WriteBoolean("isOpenToEverybody"u8, accounts.IsOpen);
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
        StatusJson.WriteRefusals(json, refusals);
        json.WriteStartArray("consumers"u8);
        foreach (var visible in accounts.IsOpen ? accounts.All : [account])
            StatusJson.WriteConsumer(json, visible);
        json.WriteEndArray();
        json.WritePropertyName("recording"u8);
        if (writeRecording is null)
            json.WriteNullValue();
        else
            writeRecording(json);
        json.WriteEndObject();
    }

    private bool MaySee(Account account, GatewayRegistration registration) => catalog.TryFind(registration.TrId, out var feed) && account.MayRegister(feed);
}
