using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.Wire.Control;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator.Replay;

/// <summary>
/// Reads the options of a replay from the query of a client's URL: <c>?from=09:00&amp;to=10:30&amp;speed=10&amp;loop=true&amp;wait=41</c>.
/// </summary>
internal static class ReplayQuery
{
    private const string Parameters = "from and to (a time such as 09:00 or 2026-11-20T09:00), speed (a number above 0, or max), "
        + "loop (true or false) and wait (a number of registrations)";

    /// <summary>Reads the options. Parameters that are not set have the shared value.</summary>
    /// <param name="query">The parameters.</param>
    /// <param name="defaults">The options shared by all connections.</param>
    /// <param name="options">The options.</param>
    /// <param name="error">What is wrong and what is allowed.</param>
    public static bool TryRead(
        IQueryCollection query,
        ReplayOptions defaults,
        [NotNullWhen(true)] out ReplayOptions? options,
        [NotNullWhen(false)] out string? error)
    {
        options = defaults;
        error = null;
        foreach (var (name, values) in query)
        {
            if (name == ServerEvent.Parameter)
                continue;
            if (values.Count > 1)
                error = $"the parameter '{name}' is given {values.Count} times: give it once";
            else if (!TryApply(name, values.ToString(), ref options, out error))
                break;
        }

        if (error is null && options != defaults && CaptureTime.Contradict(options.From, options.To))
            error = $"from ({options.From}) is not before to ({options.To}): nothing lies between them";
        return error is null;
    }

    private static bool TryApply(string name, string value, ref ReplayOptions options, [NotNullWhen(false)] out string? error)
    {
        var applied = name switch
        {
            "from" when CaptureTime.TryParse(value, out var from) => options with { From = from },
            "to" when CaptureTime.TryParse(value, out var to) => options with { To = to },
            "speed" when ReplaySpeed.TryParse(value, out var speed) => options with { Speed = speed },
            "loop" when TryParseSwitch(value, out var loop) => options with { Loop = loop },
            "wait" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var wait) && wait > 0 =>
                options with { Wait = wait },
            _ => null,
        };
        error = applied is not null ? null
            : name is "from" or "to" or "speed" or "loop" or "wait" ? $"the parameter {name} cannot be '{value}': there are {Parameters}"
            : $"there is no parameter '{name}': there are {Parameters}";
        options = applied ?? options;
        return applied is not null;
    }

    private static bool TryParseSwitch(string value, out bool isOn)
    {
        isOn = value is "" or "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase);
        return isOn || value is "0" || value.Equals("false", StringComparison.OrdinalIgnoreCase);
    }
}
