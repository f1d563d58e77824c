using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>What happened to a registration, as a server tells its clients.</summary>
internal static class ServerEvents
{
    public static ServerEvent Of(string trId, string key, Interruption interruption) => Interruption(trId, key, interruption.Reason, interruption.At);

    public static ServerEvent Of(string trId, string key, Gap gap) => Gap(trId, key, gap.Reason, gap.From, gap.To, gap.Frames);

    public static ServerEvent Interruption(string trId, string key, GapReason reason, DateTimeOffset at) =>
        new() { Kind = ServerEventKind.Interruption, TrId = trId, TrKey = key, At = at, Reason = NameOf(reason) };

    public static ServerEvent Gap(string trId, string key, GapReason reason, DateTimeOffset? from, DateTimeOffset? to, long? frames) =>
        new() { Kind = ServerEventKind.Gap, TrId = trId, TrKey = key, From = from, To = to, Reason = NameOf(reason), Frames = frames };

    public static ServerEvent Of(DataSource source) => new() { Kind = ServerEventKind.Source, Source = NameOf(source) };

    private static string NameOf<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
