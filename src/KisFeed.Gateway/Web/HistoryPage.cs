using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary><c>/v1/history/{feed}/{key}</c>: the day of a key that somebody has, or has had, registered: its minutes, and where data are missing. Registers nothing.</summary>
/// <param name="catalog">The feeds.</param>
/// <param name="days">What is kept.</param>
/// <param name="isRegistered">Whether upstream has a key, which those who keep days need not have heard of yet.</param>
/// <param name="gate">Counts who is turned away.</param>
internal sealed class HistoryPage(FeedCatalog catalog, IntradayHistory days, Func<HubKey, bool> isRegistered, WebGate gate)
{
    public Task AnswerAsync(HttpContext context, Account account)
    {
        var path = context.Request.RouteValues;
        if (!catalog.TryFind((string)path["feed"]!, out var feed))
            return gate.RefuseAsync(context, RefusalReason.Malformed, FeedPages.UnknownFeed((string)path["feed"]!));
        if (!account.MayRegister(feed))
            return gate.RefuseAsync(context, RefusalReason.Rights, LastPage.NoRight);
        if (feed.IsNotice)
            return LastPage.NoticesNotKept.WriteAsync(context);
        var key = (string)path["key"]!;
        var hubKey = new HubKey(feed.TrId, key);
        var day = days.Find(hubKey, out var isKnown);
        return isKnown || isRegistered(hubKey) ? WebAnswer.WriteJsonAsync(context, json => Write(json, feed, key, day), isIndented: false) : LastPage.NotRegistered.WriteAsync(context);
    }

    private static void Write(Utf8JsonWriter json, FeedSchema feed, string key, Day? day)
    {
        json.WriteStartObject();
        ItemJson.WriteTarget(json, feed.TrId, key, NameStyle.English);
        json.WriteString("date"u8, day?.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteStartObject("series"u8);
        foreach (var (name, bars) in day?.Series ?? [])
        {
            json.WriteStartArray(name);
            foreach (var bar in bars)
                WriteBar(json, bar, new DateTimeOffset(day!.Date, default, KoreaTime.Offset));
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartArray("gaps"u8);
        foreach (var gap in day?.Gaps ?? [])
        {
            json.WriteStartObject();
            ItemJson.WriteMoment(json, "from"u8, gap.From);
            ItemJson.WriteMoment(json, "to"u8, gap.To);
            json.WriteString("reason"u8, gap.Reason);
            WriteValues(json, "before"u8, day!.Series, gap.Before);
            WriteValues(json, "after"u8, day.Series, gap.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<(string Name, IReadOnlyList<DayBar> Bars)> series, ImmutableArray<decimal?> values)
    {
        json.WriteStartObject(name);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                json.WriteNumber(series[i].Name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteBar(Utf8JsonWriter json, in DayBar bar, DateTimeOffset midnight)
    {
        json.WriteStartObject();
        json.WriteString("start"u8, midnight.AddMinutes(bar.Minute));
        json.WriteNumber("open"u8, bar.Open);
        json.WriteNumber("high"u8, bar.High);
        json.WriteNumber("low"u8, bar.Low);
        json.WriteNumber("close"u8, bar.Close);
        json.WriteNumber("records"u8, bar.Records);
        json.WriteEndObject();
    }
}
