using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
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
    // A quotation mark in a message stays readable.
    private static readonly AdminJson s_json =
        new(new JsonSerializerOptions(AdminJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

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

    private Task ShowAsync(HttpContext context)
    {
        var state = new SimulatorState(
            faults.Current.ToTexts(), [.. connections.Find().Select(SimulatorSession.Of)], SimulatorStatistics.Of(counters));
        return context.Response.WriteAsJsonAsync(state, s_json.SimulatorState);
    }

    private async Task SetAsync(HttpContext context)
    {
        const string Form = """the body must be JSON such as {"faults":["drop-after=200","split-frames"]}; an empty list ends all faults""";
        try
        {
            var wanted = await JsonSerializer.DeserializeAsync(
                context.Request.Body, AdminJson.Default.WantedFaults, context.RequestAborted).ConfigureAwait(false);
            if (wanted?.Faults is null)
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest, Form).ConfigureAwait(false);
                return;
            }
            if (!SimulatorFaults.TryParse(wanted.Faults.Select(text => text ?? ""), out var replacement, out var error))
            {
                await RefuseAsync(context, StatusCodes.Status400BadRequest, error).ConfigureAwait(false);
                return;
            }

            faults.Set(replacement);
            SimulatorLog.FaultsSet(logger, replacement);
            await ShowAsync(context).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, Form).ConfigureAwait(false);
        }
    }

    private Task ActAsync(HttpContext context, string done, Action<WebSocketConnection> act)
    {
        long? number = null;
        if (context.Request.Query.TryGetValue("session", out var text))
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted))
            {
                return RefuseAsync(context, StatusCodes.Status400BadRequest,
                    "session must be the number of a session as shown by GET /admin/faults");
            }

            number = wanted;
        }

        var found = connections.Find(number);
        if (number is not null && found.Count == 0)
        {
            return RefuseAsync(context, StatusCodes.Status404NotFound,
                "no open session has this number; GET /admin/faults shows the open sessions");
        }

        foreach (var connection in found)
            act(connection);
        return context.Response.WriteAsJsonAsync(
            new Dictionary<string, int>(StringComparer.Ordinal) { [done] = found.Count }, s_json.DictionaryStringInt32);
    }

    private static Task RefuseAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["error"] = error }, s_json.DictionaryStringString);
    }
}

internal sealed record SimulatorState(
    IReadOnlyList<string> Faults, IReadOnlyList<SimulatorSession> Sessions, SimulatorStatistics Statistics);

internal sealed record WantedFaults(IReadOnlyList<string?>? Faults);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SimulatorState))]
[JsonSerializable(typeof(WantedFaults))]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class AdminJson : JsonSerializerContext;
