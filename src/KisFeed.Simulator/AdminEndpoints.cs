using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator;

/// <summary>
/// HTTP endpoints for testers to inspect and control a running simulator. They serve this machine only, whatever address the server listens
/// on. Sessions are identified by number, and no secrets are shown.
/// </summary>
internal sealed class AdminEndpoints(FaultController faults, ConnectionSet connections, ServerCounters counters, ILogger logger)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Map(IEndpointRouteBuilder application)
    {
        application.MapGet(SimulatorServer.AdminPath, Guard(ShowAsync));
        application.MapPut(SimulatorServer.AdminPath, Guard(SetAsync));
        application.MapPost("/admin/drop", Guard(context => ActAsync(context, "dropped", connection => connection.Cut())));
        application.MapPost("/admin/silence", Guard(context => ActAsync(context, "silenced", connection => connection.Silence())));
    }

    // Checks the address of the client, because the server may listen on other addresses too.
    internal static RequestDelegate Guard(RequestDelegate endpoint) => context =>
    {
        if (context.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))
        {
            return endpoint(context);
        }
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    };

    private Task ShowAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, WriteState);

    private async Task SetAsync(HttpContext context)
    {
        var (replacement, error) = await ReadFaultsAsync(context).ConfigureAwait(false);
        if (replacement is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, error!).ConfigureAwait(false);
            return;
        }

        faults.Set(replacement);
        SimulatorLog.FaultsSet(logger, replacement);
        await ShowAsync(context).ConfigureAwait(false);
    }

    private async Task ActAsync(HttpContext context, string done, Action<ServedConnection> act)
    {
        long? number = null;
        if (context.Request.Query.TryGetValue("session", out var text))
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted))
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest,
                    "session must be the number of a session as shown by GET /admin/faults").ConfigureAwait(false);
                return;
            }

            number = wanted;
        }

        var found = connections.Find(number);
        if (number is not null && found.Count == 0)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound,
                "no open session has this number; GET /admin/faults shows the open sessions").ConfigureAwait(false);
            return;
        }

        foreach (var connection in found)
            act(connection);
        await WriteAsync(context, StatusCodes.Status200OK, json => json.WriteNumber(done, found.Count)).ConfigureAwait(false);
    }

    private void WriteState(Utf8JsonWriter json)
    {
        json.WriteStartArray("faults"u8);
        foreach (var text in faults.Current.ToTexts())
            json.WriteStringValue(text);
        json.WriteEndArray();

        json.WriteStartArray("sessions"u8);
        foreach (var session in connections.Find().Select(SimulatorSession.Of))
        {
            json.WriteStartObject();
            json.WriteNumber("session"u8, session.Number);
            json.WriteNumber("registrations"u8, session.Registrations);
            json.WriteNumber("frames_sent"u8, session.FramesSent);
            json.WriteBoolean("silent"u8, session.IsSilent);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        var statistics = SimulatorStatistics.Of(counters);
        json.WriteStartObject("statistics"u8);
        json.WriteNumber("sessions"u8, statistics.Sessions);
        json.WriteNumber("registrations"u8, statistics.Registrations);
        json.WriteNumber("frames_sent"u8, statistics.FramesSent);
        json.WriteNumber("records_sent"u8, statistics.RecordsSent);
        json.WriteNumber("connections_accepted"u8, statistics.ConnectionsAccepted);
        json.WriteNumber("approval_keys_issued"u8, statistics.ApprovalKeysIssued);
        json.WriteEndObject();
    }

    private static async Task<(SimulatorFaults? Faults, string? Error)> ReadFaultsAsync(HttpContext context)
    {
        const string Form = """the body must be JSON such as {"faults":["drop-after=200","split-frames"]}; an empty list ends all faults""";
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted).ConfigureAwait(false);
            var texts = document.RootElement.GetProperty("faults").EnumerateArray().Select(text => text.GetString() ?? "");
            return SimulatorFaults.TryParse(texts, out var read, out var error) ? (read, null) : (null, error);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return (null, Form);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string error) =>
        WriteAsync(context, status, json => json.WriteString("error"u8, error));

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> writeMembers)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, s_options))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }
}
