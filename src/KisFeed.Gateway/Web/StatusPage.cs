using System.Collections.Immutable;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/status</c>: the status of the gateway, for people and programs. An operator sees everything. Other consumers see only themselves, and only
/// registrations of feeds that they have a right to.
/// </summary>
/// <param name="status">Returns the status of the gateway.</param>
/// <param name="health">Whether the gateway is ready.</param>
/// <param name="access">The accounts and refusals.</param>
/// <param name="frames">The time of the last frame.</param>
/// <param name="catalog">The feeds.</param>
/// <param name="options">The options of the gateway.</param>
/// <param name="source">Returns the source of the data.</param>
/// <param name="placesOf">Returns the upstream places held by the consumer with a name.</param>
internal sealed class StatusPage(Func<GatewayStatus> status, HealthPages health, AccessControl access, LastFrames frames, FeedCatalog catalog, GatewayOptions options, Func<DataSource> source, Func<string, int> placesOf)
{
    // Not a valid HTS ID, so that only consumers with the right to all order notices see registrations for order notices.
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
        TimeText.WriteTime(json, "startedAt"u8, _startedAt);
        json.WriteNumber("uptimeSeconds"u8, (long)options.TimeProvider.GetElapsedTime(_started).TotalSeconds);
        json.WriteBoolean("isReady"u8, health.IsReady);
        json.WriteBoolean("isOpenToEverybody"u8, access.Accounts.IsOpen);
        json.WriteString("source"u8, JsonName.Of(source()));
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
        StatusJson.WriteSink(json, now.Sink);
        StatusJson.WritePublisher(json, now.Publisher);
        ClusterJson.Write(json, now.Cluster, account.IsOperator);
        json.WriteEndObject();
    }

    private bool MaySee(Account account, GatewayRegistration registration) => account.IsOperator || (catalog.TryFind(registration.TrId, out var feed) && account.MayRegister(feed, registration.Key ?? AnyHtsId));
}

/// <summary>Writes the parts of a status as JSON. They contain no secrets and no HTS IDs.</summary>
internal static class StatusJson
{
    private static readonly ImmutableArray<(JsonEncodedText Name, AccessRefusalReason Value)> s_reasons = NamesOf<AccessRefusalReason>();
    private static readonly ImmutableArray<(JsonEncodedText Name, ConsumerLimit Value)> s_limits = NamesOf<ConsumerLimit>();

    /// <summary>Writes a time and its age; both null if there is none.</summary>
    public static void WriteAge(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? at, DateTimeOffset now)
    {
        json.WriteStartObject(name);
        ItemJson.WriteTime(json, "at"u8, at);
        if (at is { } instant)
            json.WriteNumber("secondsAgo"u8, Math.Round(Math.Max(0, (now - instant).TotalSeconds), 3));
        else
            json.WriteNull("secondsAgo"u8);
        json.WriteEndObject();
    }

    public static void WriteSession(Utf8JsonWriter json, SessionStatus session, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, session.Name);
        json.WriteString("phase"u8, JsonName.Of(session.Phase));
        json.WriteNumber("desired"u8, session.Desired);
        json.WriteNumber("confirmed"u8, session.Confirmed);
        json.WriteNumber("places"u8, session.Places);
        json.WriteNumber("reconnects"u8, Math.Max(0, session.Connections - 1));
        json.WriteNumber("failures"u8, session.Failures);
        ItemJson.WriteTime(json, "nextAttemptAt"u8, session.NextAttemptAt);
        WriteAge(json, "lastMessage"u8, session.LastReceivedAt, now);
        json.WriteString("problem"u8, session.Problem);
        ItemJson.WriteTime(json, "problemSince"u8, session.ProblemSince);
        json.WriteString("haltReason"u8, session.HaltReason is { } reason ? JsonName.Of(reason) : null);
        json.WriteEndObject();
    }

    public static void WriteRegistration(Utf8JsonWriter json, GatewayRegistration registration)
    {
        json.WriteStartObject();
        json.WriteString("trId"u8, registration.TrId);
        json.WriteString("key"u8, registration.Key);
        json.WriteNumber("consumers"u8, registration.Consumers);
        json.WriteBoolean("isRegistered"u8, registration.IsRegistered);
        json.WriteBoolean("isKept"u8, registration.IsKept);
        json.WriteBoolean("isPlaced"u8, registration.IsPlaced);
        json.WriteEndObject();
    }

    public static void WriteTotals(Utf8JsonWriter json, GatewayStatus status)
    {
        json.WriteStartObject("totals"u8);
        json.WriteNumber("connections"u8, status.Connections);
        json.WriteNumber("consumerRegistrations"u8, status.ConsumerRegistrations);
        json.WriteNumber("framesReceived"u8, status.FramesReceived);
        json.WriteNumber("framesDropped"u8, status.FramesDropped);
        json.WriteNumber("framesMalformed"u8, status.FramesMalformed);
        json.WriteNumber("framesUnclaimed"u8, status.FramesUnclaimed);
        json.WriteNumber("framesSent"u8, status.FramesSent);
        json.WriteNumber("noticesWithheld"u8, status.NoticesWithheld);
        json.WriteNumber("slowConsumers"u8, status.SlowConsumers);
        json.WriteNumber("registrationsLost"u8, status.RegistrationsLost);
        json.WriteNumber("floods"u8, status.Floods);
        json.WriteNumber("consumersEnded"u8, status.ConsumersEnded);
        json.WriteNumber("connectionsAccepted"u8, status.ConnectionsAccepted);
        json.WriteNumber("approvalKeysIssued"u8, status.ApprovalKeysIssued);
        json.WriteNumber("streams"u8, status.Streams);
        json.WriteNumber("streamsOpened"u8, status.StreamsOpened);
        json.WriteNumber("streamItemsSent"u8, status.StreamItemsSent);
        json.WriteNumber("streamRecordsDropped"u8, status.StreamRecordsDropped);
        json.WriteNumber("slowStreams"u8, status.SlowStreams);
        json.WriteNumber("streamKeysLost"u8, status.StreamKeysLost);
        json.WriteNumber("streamsResumed"u8, status.StreamsResumed);
        json.WriteNumber("streamsResumedWithGaps"u8, status.StreamsResumedWithGaps);
        json.WriteEndObject();
    }

    public static void WriteRefusals(Utf8JsonWriter json, Refusals refusals)
    {
        json.WriteStartObject("refusals"u8);
        foreach (var (name, reason) in s_reasons)
            json.WriteNumber(name, refusals.Of(reason));
        json.WriteEndObject();
    }

    public static void WriteConsumer(Utf8JsonWriter json, Account account, int places)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, account.Name);
        json.WriteNumber("connections"u8, account.Usage.Connections);
        json.WriteNumber("registrations"u8, account.Usage.Registrations);
        json.WriteNumber("places"u8, places);
        json.WriteNumber("delivered"u8, account.Counts.Delivered);
        json.WriteNumber("dropped"u8, account.Counts.Dropped);
        json.WriteNumber("slowCloses"u8, account.Counts.SlowCloses);
        var waiting = account.QueueDepth;
        json.WriteStartObject("waiting"u8);
        json.WriteNumber("bytes"u8, waiting.Bytes);
        json.WriteNumber("records"u8, waiting.Records);
        json.WriteEndObject();
        WriteLimits(json, account.Usage.Limits);
        json.WriteStartObject("refusedByLimit"u8);
        foreach (var (name, limit) in s_limits)
            json.WriteNumber(name, account.Usage.RefusedBy(limit));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLimits(Utf8JsonWriter json, ConsumerLimits limits)
    {
        json.WriteStartObject("limits"u8);
        ItemJson.WriteCount(json, "places"u8, limits.MaxPlaces);
        json.WriteNumber("connections"u8, limits.MaxConnections);
        json.WriteNumber("registrations"u8, limits.MaxRegistrations);
        json.WriteNumber("requestsPerSecond"u8, limits.RequestsPerSecond);
        json.WriteNumber("newRegistrationsPerMinute"u8, limits.NewRegistrationsPerMinute);
        json.WriteNumber("newRegistrationsPerHour"u8, limits.NewRegistrationsPerHour);
        json.WriteEndObject();
    }

    /// <summary>Writes the status of the recorder. Detailed problems are only logged, because they may contain paths of this machine.</summary>
    public static void WriteRecording(Utf8JsonWriter json, CaptureRecorderStatus? recording)
    {
        if (recording is null)
        {
            json.WriteNull("recording"u8);
            return;
        }

        json.WriteStartObject("recording"u8);
        json.WriteBoolean("isWriting"u8, recording is { Problem: null, HasEnded: false });
        json.WriteString("problem"u8, recording.ProblemSummary);
        ItemJson.WriteTime(json, "problemSince"u8, recording.ProblemSince);
        ItemJson.WriteTime(json, "lastFlushAt"u8, recording.LastFlushAt);
        json.WriteNumber("received"u8, recording.Received);
        json.WriteNumber("flushed"u8, recording.Flushed);
        json.WriteNumber("waiting"u8, recording.Waiting);
        json.WriteNumber("dropped"u8, recording.Dropped);
        json.WriteNumber("malformed"u8, recording.Malformed);
        json.WriteNumber("withheld"u8, recording.Withheld);
        json.WriteNumber("gaps"u8, recording.Gaps);
        json.WriteNumber("bytes"u8, recording.Bytes);
        json.WriteNumber("files"u8, recording.Files);
        json.WriteNumber("lostFiles"u8, recording.LostFiles);
        json.WriteNumber("failures"u8, recording.Failures);
        json.WriteEndObject();
    }

    /// <summary>Writes the status of the sink. The complete problem is only logged, because it may name hosts and users.</summary>
    public static void WriteSink(Utf8JsonWriter json, RecordingSinkStatus? sink)
    {
        if (sink is null)
        {
            json.WriteNull("sink"u8);
            return;
        }

        json.WriteStartObject("sink"u8);
        json.WriteBoolean("isStoring"u8, sink.IsStoring);
        ItemJson.WriteTime(json, "problemSince"u8, sink.ProblemSince);
        json.WriteString("problem"u8, sink.Problem);
        ItemJson.WriteTime(json, "lastStoredAt"u8, sink.LastStoredAt);
        json.WriteNumber("records"u8, sink.Records);
        json.WriteNumber("lagBytes"u8, sink.LagBytes);
        json.WriteNumber("lagSeconds"u8, Math.Round(sink.Lag.TotalSeconds, 3));
        json.WriteEndObject();
    }

    /// <summary>Writes the status of the publisher. The complete problem is only logged, because it may name hosts and users.</summary>
    public static void WritePublisher(Utf8JsonWriter json, FramePublisherStatus? publisher)
    {
        if (publisher is null)
        {
            json.WriteNull("publisher"u8);
            return;
        }

        json.WriteStartObject("publisher"u8);
        json.WriteBoolean("isPublishing"u8, publisher.IsPublishing);
        json.WriteBoolean("isLive"u8, publisher.IsLive);
        ItemJson.WriteTime(json, "problemSince"u8, publisher.ProblemSince);
        json.WriteString("problem"u8, publisher.Problem);
        ItemJson.WriteTime(json, "publishedAt"u8, publisher.PublishedAt);
        json.WriteNumber("lagSeconds"u8, Math.Round(publisher.Lag.TotalSeconds, 3));
        json.WriteNumber("published"u8, publisher.Published);
        json.WriteNumber("caughtUp"u8, publisher.CaughtUp);
        json.WriteNumber("dropped"u8, publisher.Dropped);
        json.WriteEndObject();
    }

    private static ImmutableArray<(JsonEncodedText Name, TValue Value)> NamesOf<TValue>()
        where TValue : struct, Enum => [.. Enum.GetValues<TValue>().Select(value => (JsonEncodedText.Encode(JsonName.Of(value)), value))];
}
