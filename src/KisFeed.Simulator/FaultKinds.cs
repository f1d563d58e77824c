using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Simulator;

/// <summary>The list of faults: their names, their meanings, and how they are parsed and formatted.</summary>
internal static class FaultKinds
{
    private const int MaxColumns = 100;

    public static IReadOnlyList<SimulatorFaultKind> All { get; } =
    [
        Count(
            "drop-after", 1, int.MaxValue, "cut each connection without a closing handshake after N data frames", f => f.DropAfter,
            (f, n) => f with { DropAfter = n }),
        Count(
            "silent-after", 1, int.MaxValue, "send nothing on a connection after N data frames, but keep it open", f => f.SilentAfter,
            (f, n) => f with { SilentAfter = n }),
        Chance(
            "bad-utf8",
            "a data frame is followed by a copy of itself with invalid UTF-8",
            f => f.BadUtf8,
            (f, p) => f with { BadUtf8 = p }),
        Chance("garbage", "a data frame is followed by an unreadable message", f => f.Garbage, (f, p) => f with { Garbage = p }),
        Count(
            "kick-on-connect", 1, int.MaxValue, "close the first N WebSocket connections immediately after accepting them",
            f => NonZero(f.KickOnConnect), (f, n) => f with { KickOnConnect = n }),
        Switch("duplicate-ack", "send every acknowledgement twice", f => f.DuplicateAck, f => f with { DuplicateAck = true }),
        Chance("lose-ack", "a request is executed but not acknowledged", f => f.LoseAck, (f, p) => f with { LoseAck = p }),
        Switch(
            "reorder-ack",
            "answer a request after the next one, if that arrives within 200 ms",
            f => f.ReorderAck,
            f => f with { ReorderAck = true }),
        Duration("slow-ack", "execute and answer requests after this delay", f => f.SlowAck, (f, d) => f with { SlowAck = d }),
        Refusals(),
        Count(
            "grow-columns", 1, MaxColumns, "append N columns to every record", f => NonZero(f.GrowColumns),
            (f, n) => f with { GrowColumns = n }),
        Switch(
            "other-customer",
            "spell the customer in order notices differently from the HTS ID",
            f => f.OtherCustomer,
            f => f with { OtherCustomer = true }),
        Switch("split-frames", "send each message in several WebSocket fragments", f => f.SplitFrames, f => f with { SplitFrames = true }),
        Switch("mixed-keys", "send records of several keys in one frame", f => f.MixedKeys, f => f with { MixedKeys = true }),
        Count(
            "approval-fails", 1, int.MaxValue, "answer the first N requests for an approval key with HTTP status 500",
            f => NonZero(f.ApprovalFails), (f, n) => f with { ApprovalFails = n }),
        Duration(
            "hold-app-key",
            "keep an app key in use for this time after its session ended without a closing handshake",
            f => f.HoldAppKey,
            (f, d) => f with { HoldAppKey = d }),
    ];

    /// <summary>Adds a fault, given as text, to others.</summary>
    public static bool TryApply(string text, ref SimulatorFaults faults, [NotNullWhen(false)] out string? error)
    {
        error = null;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        var kind = All.FirstOrDefault(k => k.Name == name);
        if (kind is null)
        {
            error = $"'{name}' is not a known fault; known faults: {string.Join(", ", All)}";
        }
        else if (kind.ValueForm is null && equals >= 0)
        {
            error = $"the fault '{text}' takes no value: write {kind}";
        }
        else if (kind.ValueForm is not null && equals < 0)
        {
            error = $"the fault '{text}' lacks a value: write {kind}, where {kind.Permitted}";
        }
        else if (kind.Apply(faults, equals < 0 ? "" : text[(equals + 1)..]) is { } applied)
        {
            faults = applied;
            return true;
        }
        else
        {
            error = $"the fault '{text}' has an invalid value: write {kind}, where {kind.Permitted}";
        }

        return false;
    }

    private static int? NonZero(int value) => value == 0 ? null : value;

    private static SimulatorFaultKind Count(
        string name, int least, int most, string meaning, Func<SimulatorFaults, int?> get,
        Func<SimulatorFaults, int, SimulatorFaults> set) =>
        new(
            name,
            "N",
            most == int.MaxValue ? $"N is a whole number of at least {least}" : $"N is a whole number from {least} to {most}",
            meaning,
            (faults, text) => TryReadCount(text, out var count) && count >= least && count <= most ? set(faults, count) : null,
            faults => get(faults) is { } count ? string.Create(CultureInfo.InvariantCulture, $"{name}={count}") : null);

    private static SimulatorFaultKind Chance(
        string name, string meaning, Func<SimulatorFaults, double> get, Func<SimulatorFaults, double, SimulatorFaults> set) =>
        new(
            name,
            "P",
            "P is a probability above 0 and up to 1, such as 0.01",
            $"with probability P, {meaning}",
            (faults, text) =>
                double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var chance)
                && chance is > 0 and <= 1
                    ? set(faults, chance)
                    : null,
            faults => get(faults) is not 0 and var chance
                ? $"{name}={chance.ToString("0.###############", CultureInfo.InvariantCulture)}"
                : null);

    private static SimulatorFaultKind Switch(
        string name, string meaning, Func<SimulatorFaults, bool> get, Func<SimulatorFaults, SimulatorFaults> set) =>
        new(name, null, null, meaning, (faults, _) => set(faults), faults => get(faults) ? name : null);

    private static SimulatorFaultKind Duration(
        string name, string meaning, Func<SimulatorFaults, TimeSpan> get, Func<SimulatorFaults, TimeSpan, SimulatorFaults> set) =>
        new(
            name,
            "DURATION",
            "DURATION is a number and a unit, such as 500ms, 2s, 1.5m or 1h",
            meaning,
            (faults, text) => DurationText.TryParseTimer(text, out var duration) ? set(faults, duration) : null,
            faults => get(faults) is var duration && duration != TimeSpan.Zero ? $"{name}={DurationText.Format(duration)}" : null);

    private static SimulatorFaultKind Refusals() => new(
        "refuse",
        "CODE[:COUNT]",
        "CODE is a refusal such as OPSP0008 and COUNT, which is optional, the number of refusals, at least 1",
        "refuse every registration, or the first COUNT, with a code such as OPSP0008",
        ReadRefusals,
        WriteRefusals);

    private static SimulatorFaults? ReadRefusals(SimulatorFaults faults, string text)
    {
        var parts = text.Split(':');
        if (parts.Length > 2 || !IsRefusal(parts[0]))
            return null;
        if (parts.Length == 1)
            return faults with { Refuse = parts[0], RefuseCount = null };
        return TryReadCount(parts[1], out var count) && count >= 1 ? faults with { Refuse = parts[0], RefuseCount = count } : null;
    }

    private static string? WriteRefusals(SimulatorFaults faults) => (faults.Refuse, faults.RefuseCount) switch
    {
        (null, _) => null,
        (var code, null) => $"refuse={code}",
        (var code, { } count) => string.Create(CultureInfo.InvariantCulture, $"refuse={code}:{count}"),
    };

    private static bool TryReadCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    private static bool IsRefusal(string code) =>
        code.Length == 8
        && code.StartsWith("OPSP", StringComparison.Ordinal)
        && code.AsSpan(4).IndexOfAnyExceptInRange('0', '9') < 0
        && code is not ("OPSP0000" or "OPSP0001");
}
