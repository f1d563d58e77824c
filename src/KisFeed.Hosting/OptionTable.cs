using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Hosting;

/// <summary>All options with a single value. App keys are not included: they are read as pairs.</summary>
internal static class OptionTable
{
    public const string Environment = nameof(KisFeedOptions.Environment);
    public const string HtsId = nameof(KisFeedOptions.HtsId);
    public const string WebSocketUrl = nameof(KisFeedOptions.WebSocketUrl);
    public const string RestUrl = nameof(KisFeedOptions.RestUrl);
    public const string Reconnect = nameof(KisFeedOptions.Reconnect);

    /// <summary>The rows, in the order of the documentation. The options that select the credentials come first.</summary>
    public static IReadOnlyList<OptionRow> Rows { get; } =
    [
        new(
            Environment,
            "Production or Mock",
            (o, text) => ValueText.Environment(text) is { } value ? o with { Environment = value } : null,
            o => o.Environment.ToString()),
        new(HtsId, "the HTS ID", (o, text) => o with { HtsId = text }, o => o.HtsId) { IsSecret = true },
        new(
            nameof(KisFeedOptions.CustomerType),
            "Person or Business",
            (o, text) => ValueText.Name<CustomerType>(text) is { } value ? o with { CustomerType = value } : null,
            o => o.CustomerType.ToString()),
        Address(WebSocketUrl, "ws", o => o.WebSocketUrl, (o, value) => o with { WebSocketUrl = value }),
        Address(RestUrl, "http", o => o.RestUrl, (o, value) => o with { RestUrl = value }),
        Count(nameof(KisFeedOptions.MaxRegistrations), o => o.MaxRegistrations, (o, value) => o with { MaxRegistrations = value }),
        Count(
            nameof(KisFeedOptions.NewRegistrationsPerMinute),
            o => o.NewRegistrationsPerMinute,
            (o, value) => o with { NewRegistrationsPerMinute = value }),
        Count(
            nameof(KisFeedOptions.NewRegistrationsPerHour),
            o => o.NewRegistrationsPerHour,
            (o, value) => o with { NewRegistrationsPerHour = value }),
        Time(nameof(KisFeedOptions.ConnectTimeout), o => o.ConnectTimeout, (o, value) => o with { ConnectTimeout = value }),
        Time(nameof(KisFeedOptions.WatchdogTimeout), o => o.WatchdogTimeout, (o, value) => o with { WatchdogTimeout = value }),
        Time(nameof(KisFeedOptions.ReplyTimeout), o => o.ReplyTimeout, (o, value) => o with { ReplyTimeout = value }),
        Time(nameof(KisFeedOptions.RequestInterval), o => o.RequestInterval, (o, value) => o with { RequestInterval = value }),
        Count(nameof(KisFeedOptions.QueueCapacity), o => o.QueueCapacity, (o, value) => o with { QueueCapacity = value }),
        new(
            nameof(KisFeedOptions.MaxQueueBytes),
            "a whole number",
            (o, text) => ValueText.Long(text) is { } value ? o with { MaxQueueBytes = value } : null,
            o => Text(o.MaxQueueBytes)),
        new(
            nameof(KisFeedOptions.Overflow),
            "DropOldest or DropNewest",
            (o, text) => ValueText.Name<OverflowPolicy>(text) is { } value ? o with { Overflow = value } : null,
            o => o.Overflow.ToString()),
        Count(nameof(KisFeedOptions.MaxMessageBytes), o => o.MaxMessageBytes, (o, value) => o with { MaxMessageBytes = value }),
        new(
            nameof(KisFeedOptions.ApprovalKeys),
            "the path of a file",
            (o, text) => ApprovalKeysIn(text) is { } value ? o with { ApprovalKeys = value } : null,
            o => o.ApprovalKeys is null ? null : "a cache")
        {
            Identity = o => o.ApprovalKeys,
        },
        new(
            nameof(KisFeedOptions.Layouts),
            "the path of a layout file",
            (o, text) => o with { Layouts = LayoutFile.Load(text) },
            o => o.Layouts is null ? null : "a layout file")
        {
            Identity = o => o.Layouts,
        },
        new(
            nameof(KisFeedOptions.PriceScales),
            "the path of a master file, or of a folder with master files",
            (o, text) => o with { PriceScales = PriceScales.Load(text) },
            o => o.PriceScales is null ? null : "master files")
        {
            Identity = o => o.PriceScales,
        },
        new(nameof(KisFeedOptions.ClientName), "a name", (o, text) => o with { ClientName = text }, o => o.ClientName),
        new(
            Name(nameof(ReconnectPolicy.IsEnabled)),
            "true or false",
            (o, text) => bool.TryParse(text, out var value) ? With(o, o.Reconnect with { IsEnabled = value }) : null,
            o => o.Reconnect.IsEnabled ? "true" : "false"),
        Time(
            Name(nameof(ReconnectPolicy.InitialDelay)),
            o => o.Reconnect.InitialDelay,
            (o, value) => With(o, o.Reconnect with { InitialDelay = value })),
        Time(
            Name(nameof(ReconnectPolicy.MaxDelay)),
            o => o.Reconnect.MaxDelay,
            (o, value) => With(o, o.Reconnect with { MaxDelay = value })),
        new(
            Name(nameof(ReconnectPolicy.Jitter)),
            "a number from 0 to 1",
            (o, text) => ValueText.Double(text) is { } value ? With(o, o.Reconnect with { Jitter = value }) : null,
            o => Text(o.Reconnect.Jitter)),
        Count(
            Name(nameof(ReconnectPolicy.AttemptsPerMinute)),
            o => o.Reconnect.AttemptsPerMinute,
            (o, value) => With(o, o.Reconnect with { AttemptsPerMinute = value })),
        Count(
            Name(nameof(ReconnectPolicy.AttemptsPerHour)),
            o => o.Reconnect.AttemptsPerHour,
            (o, value) => With(o, o.Reconnect with { AttemptsPerHour = value })),
        Time(
            Name(nameof(ReconnectPolicy.StableAfter)),
            o => o.Reconnect.StableAfter,
            (o, value) => With(o, o.Reconnect with { StableAfter = value })),
        Time(
            Name(nameof(ReconnectPolicy.AppKeyInUseDelay)),
            o => o.Reconnect.AppKeyInUseDelay,
            (o, value) => With(o, o.Reconnect with { AppKeyInUseDelay = value })),
        Time(
            Name(nameof(ReconnectPolicy.MaxRefusedDelay)),
            o => o.Reconnect.MaxRefusedDelay,
            (o, value) => With(o, o.Reconnect with { MaxRefusedDelay = value })),
        Time(
            Name(nameof(ReconnectPolicy.GiveUpAfter)),
            o => o.Reconnect.GiveUpAfter,
            (o, value) => With(o, o.Reconnect with { GiveUpAfter = value })),
    ];

    private static OptionRow Count(string name, Func<KisFeedOptions, int> get, Func<KisFeedOptions, int, KisFeedOptions> set) =>
        new(name, "a whole number", (o, text) => ValueText.Int(text) is { } value ? set(o, value) : null, o => Text(get(o)));

    private static OptionRow Time(string name, Func<KisFeedOptions, TimeSpan?> get, Func<KisFeedOptions, TimeSpan, KisFeedOptions> set) =>
        new(
            name,
            "a time such as 500ms, 10s, 2m, 1h or 00:02:00",
            (o, text) => ValueText.Time(text) is { } value ? set(o, value) : null,
            o => get(o)?.ToString("c", CultureInfo.InvariantCulture));

    private static OptionRow Address(
        string name, string scheme, Func<KisFeedOptions, Uri?> get, Func<KisFeedOptions, Uri, KisFeedOptions> set) =>
        new(
            name,
            $"an address that begins with {scheme}:// or {scheme}s://",
            (o, text) => ValueText.Address(text, scheme) is { } value ? set(o, value) : null,
            o => get(o)?.OriginalString);

    private static ApprovalKeyCache? ApprovalKeysIn(string path) =>
        Path.GetFileName(path).Length > 0 ? ApprovalKeyCache.InFile(path) : null;

    private static string Name(string option) => $"{Reconnect}:{option}";

    private static KisFeedOptions With(KisFeedOptions options, ReconnectPolicy policy) => options with { Reconnect = policy };

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>An option with a single value: how it is parsed and formatted.</summary>
/// <param name="Name">The option's name in sections.</param>
/// <param name="Expected">A description of valid values, for messages.</param>
/// <param name="Read">Returns the options with the value; <see langword="null"/> if the text is not a valid value.</param>
/// <param name="Show">The value as text; <see langword="null"/> if there is none.</param>
internal sealed record OptionRow(
    string Name, string Expected, Func<KisFeedOptions, string, KisFeedOptions?> Read, Func<KisFeedOptions, string?> Show)
{
    /// <summary>What identifies a value, if its text does not. Default: its text.</summary>
    public Func<KisFeedOptions, object?>? Identity { get; init; }

    /// <summary>Whether the value must not appear in messages and explanations.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether both options have the same value.</summary>
    public bool IsSame(KisFeedOptions one, KisFeedOptions other) =>
        Identity is { } identity ? Equals(identity(one), identity(other)) : Show(one) == Show(other);
}
