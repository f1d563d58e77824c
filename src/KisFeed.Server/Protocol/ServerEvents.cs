using System.Buffers;
using KisFeed.Output;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Protocol;

/// <summary>Creates and sends the server events that report interruptions, gaps and the data source to clients.</summary>
internal static class ServerEvents
{
    /// <summary>Queues a message that is not part of the broker's protocol, if the client asked for such messages.</summary>
    public static void Send(this IClientConnection connection, ServerEvent happened)
    {
        if (!connection.AcceptsServerEvents)
            return;
        var message = new ArrayBufferWriter<byte>();
        happened.Write(message);
        _ = connection.Send(MessageKind.ServerEvent, message.WrittenSpan);
    }

    public static ServerEvent Of(string trId, string key, Interruption interruption) =>
        Interruption(trId, key, interruption.Reason, interruption.At);

    public static ServerEvent Of(string trId, string key, Gap gap) => Gap(trId, key, gap.Reason, gap.From, gap.To, gap.Frames);

    public static ServerEvent Interruption(string trId, string key, GapReason reason, DateTimeOffset at) =>
        new() { Kind = ServerEventKind.Interruption, TrId = trId, TrKey = key, At = at, Reason = JsonName.Of(reason) };

    public static ServerEvent Gap(string trId, string key, GapReason reason, DateTimeOffset? from, DateTimeOffset? to, long? frames) =>
        new() { Kind = ServerEventKind.Gap, TrId = trId, TrKey = key, From = from, To = to, Reason = JsonName.Of(reason), Frames = frames };

    public static ServerEvent Of(DataSource source, DateOnly? day) =>
        new() { Kind = ServerEventKind.Source, Source = JsonName.Of(source), Day = day };
}
