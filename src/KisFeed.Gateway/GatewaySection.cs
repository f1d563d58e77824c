using System.Net;
using KisFeed.Capture;
using KisFeed.Hosting;
using KisFeed.Wire;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Gateway;

/// <summary>
/// Reads the options of a gateway from a section of an <see cref="IConfiguration"/>. Every key in it must be known; otherwise a misspelt
/// one would be silently ignored.
/// </summary>
internal static class GatewaySection
{
    private const string Kestrel = nameof(GatewayOptions.Kestrel);
    private const string Limits = nameof(GatewayOptions.Limits);
    private const string Keep = nameof(GatewayOptions.Keep);
    private const string DashboardKeys = nameof(GatewayOptions.DashboardKeys);
    private const string Time = "a time such as 500ms, 10s, 2m, 1h or 00:02:00";

    private static readonly Row<GatewayOptions>[] s_rows =
    [
        Count(nameof(GatewayOptions.Port), (o, value) => o with { Port = value }),
        Text(nameof(GatewayOptions.Address), (o, value) => o with { Address = value }),
        Text(nameof(GatewayOptions.ClientCa), (o, value) => o with { ClientCa = value }),
        Flag(nameof(GatewayOptions.AllowAnonymous), (o, value) => o with { AllowAnonymous = value }),
        Text(nameof(GatewayOptions.TokenFile), (o, value) => o with { TokenFile = value }),
        Flag(nameof(GatewayOptions.OpenUntilTokenFileExists), (o, value) => o with { OpenUntilTokenFileExists = value }),
        Text("Record", (o, value) => o with
        {
            Recording = new CaptureRecorderOptions
            {
                Writer = new CaptureWriterOptions { Directory = value },
                LoggerFactory = o.LoggerFactory,
                MeterFactory = o.MeterFactory,
                TimeProvider = o.TimeProvider,
            },
        }),
        Duration(nameof(GatewayOptions.ReleaseGrace), (o, value) => o with { ReleaseGrace = value }),
        Duration(nameof(GatewayOptions.PageGrace), (o, value) => o with { PageGrace = value }),
        Duration(nameof(GatewayOptions.MinimumHold), (o, value) => o with { MinimumHold = value }),
        Duration(nameof(GatewayOptions.RegisterTimeout), (o, value) => o with { RegisterTimeout = value }),
        Count(nameof(GatewayOptions.MaxRegistrations), (o, value) => o with { MaxRegistrations = value }),
        Text(nameof(GatewayOptions.Revision), (o, value) => o with { Revision = value }),
        Flag(nameof(GatewayOptions.AesPerRegistration), (o, value) => o with { AesPerRegistration = value }),
        Count(nameof(GatewayOptions.MaxConnections), (o, value) => o with { MaxConnections = value }),
        Count(nameof(GatewayOptions.MaxConnectionsPerAddress), (o, value) => o with { MaxConnectionsPerAddress = value }),
        Flag(nameof(GatewayOptions.ProxyProtocol), (o, value) => o with { ProxyProtocol = value }),
        Count(nameof(GatewayOptions.HealthPort), (o, value) => o with { HealthPort = value }),
        Text(nameof(GatewayOptions.HealthAddress), (o, value) => o with { HealthAddress = value }),
        Duration(nameof(GatewayOptions.RequestTimeout), (o, value) => o with { RequestTimeout = value }),
        Duration(nameof(GatewayOptions.AuthenticationTimeout), (o, value) => o with { AuthenticationTimeout = value }),
        Count(nameof(GatewayOptions.MaxQueueBytes), (o, value) => o with { MaxQueueBytes = value }),
        Count(nameof(GatewayOptions.StreamQueueBytes), (o, value) => o with { StreamQueueBytes = value }),
        Duration(nameof(GatewayOptions.StreamHeartbeat), (o, value) => o with { StreamHeartbeat = value }),
        Duration(nameof(GatewayOptions.ReplayBufferAge), (o, value) => o with { ReplayBufferAge = value }),
        Count(nameof(GatewayOptions.ReplayBufferBytes), (o, value) => o with { ReplayBufferBytes = value }),
        Duration(nameof(GatewayOptions.HeartbeatInterval), (o, value) => o with { HeartbeatInterval = value }),
    ];

    private static readonly Row<GatewayOptions>[] s_lists =
    [
        Text(nameof(GatewayOptions.AllowedOrigins), (o, value) => o with { AllowedOrigins = [.. o.AllowedOrigins, value] }),
        new(nameof(GatewayOptions.TrustedProxies), "a network such as 10.0.0.0/8", (o, text) =>
            IPNetwork.TryParse(text, out var network) ? o with { TrustedProxies = [.. o.TrustedProxies, network] } : null),
    ];

    private static readonly Row<ConsumerLimits>[] s_limits =
    [
        new(
            nameof(ConsumerLimits.MaxSlots), Row.Number,
            (o, text) => ValueText.Int(text) is { } value ? o with { MaxSlots = value } : null),
        new(
            nameof(ConsumerLimits.MaxConnections), Row.Number,
            (o, text) => ValueText.Int(text) is { } value ? o with { MaxConnections = value } : null),
        new(
            nameof(ConsumerLimits.MaxRegistrations), Row.Number,
            (o, text) => ValueText.Int(text) is { } value ? o with { MaxRegistrations = value } : null),
        new(
            nameof(ConsumerLimits.RequestsPerSecond), "a number",
            (o, text) => ValueText.Double(text) is { } value ? o with { RequestsPerSecond = value } : null),
        new(
            nameof(ConsumerLimits.NewRegistrationsPerMinute), Row.Number,
            (o, text) => ValueText.Int(text) is { } value ? o with { NewRegistrationsPerMinute = value } : null),
        new(
            nameof(ConsumerLimits.NewRegistrationsPerHour), Row.Number,
            (o, text) => ValueText.Int(text) is { } value ? o with { NewRegistrationsPerHour = value } : null),
        new(
            nameof(ConsumerLimits.RequestBurst), Row.Number,
            (o, text) => ValueText.Int(text) is { } value ? o with { RequestBurst = value } : null),
        new(
            nameof(ConsumerLimits.MaxMessageBytes), Row.Number,
            (o, text) => ValueText.Int(text) is { } value ? o with { MaxMessageBytes = value } : null),
    ];

    private static readonly string[] s_limitNames = [.. s_limits.Select(row => row.Name)];

    private static readonly string[] s_all =
        [.. s_rows.Select(row => row.Name), .. s_lists.Select(row => row.Name), Keep, DashboardKeys, Limits, Kestrel];

    /// <summary>Reads a section on top of options.</summary>
    /// <exception cref="KisFeedConfigurationException">It has an unknown key, or a value of the wrong type.</exception>
    public static GatewayOptions Read(IConfigurationSection section, GatewayOptions options, FeedCatalog catalog)
    {
        SectionSource.RefuseValue(section, s_all);
        foreach (var child in section.GetChildren())
        {
            var name = SectionSource.Known(child, s_all);
            options = name switch
            {
                Kestrel => options with { Kestrel = child },
                Limits => options with { Limits = ReadLimits(child, options.Limits) },
                Keep => options with { Keep = ReadKeys(child, catalog) },
                DashboardKeys => options with { DashboardKeys = ReadKeys(child, catalog) },
                _ when Array.Find(s_lists, row => row.Name == name) is { } list =>
                    Entries(child).Aggregate(options, (current, entry) => Apply(list, current, entry)),
                _ => Apply(Array.Find(s_rows, row => row.Name == name)!, options, child),
            };
        }

        return options;
    }

    private static ConsumerLimits ReadLimits(IConfigurationSection section, ConsumerLimits limits)
    {
        SectionSource.RefuseValue(section, s_limitNames);
        foreach (var child in section.GetChildren())
        {
            var name = SectionSource.Known(child, s_limitNames);
            limits = Apply(Array.Find(s_limits, row => row.Name == name)!, limits, child);
        }

        return limits;
    }

    private static GatewayKey[] ReadKeys(IConfigurationSection section, FeedCatalog catalog) =>
        [.. Entries(section).Select(entry => KeyOf(entry, catalog))];

    private static GatewayKey KeyOf(IConfigurationSection entry, FeedCatalog catalog)
    {
        var text = SectionSource.ValueOf(entry)?.Trim() ?? "";
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 && catalog.TryFind(text[..colon], out var feed)
            ? new GatewayKey(feed, text[(colon + 1)..])
            : throw new KisFeedConfigurationException(
                $"{entry.Path} is not a feed and a key. Use the TR ID or alias of a feed and a key of it, e.g. index:0001.");
    }

    private static IEnumerable<IConfigurationSection> Entries(IConfigurationSection section)
    {
        SectionSource.RefuseValue(section, ["0", "1"]);
        return section.GetChildren();
    }

    // Empty values count as not set, as in the client's section.
    private static TOptions Apply<TOptions>(Row<TOptions> row, TOptions options, IConfigurationSection place)
        where TOptions : class
    {
        var text = SectionSource.ValueOf(place)?.Trim();
        if (string.IsNullOrEmpty(text))
            return options;
        return row.Read(options, text)
            ?? throw new KisFeedConfigurationException($"{place.Path} is '{text}', which is not a valid {row.Name}. Use {row.Expected}.");
    }

    private static Row<GatewayOptions> Text(string name, Func<GatewayOptions, string, GatewayOptions> set) => new(name, "a text", set);

    private static Row<GatewayOptions> Count(string name, Func<GatewayOptions, int, GatewayOptions> set) =>
        new(name, Row.Number, (o, text) => ValueText.Int(text) is { } value ? set(o, value) : null);

    private static Row<GatewayOptions> Flag(string name, Func<GatewayOptions, bool, GatewayOptions> set) =>
        new(name, "true or false", (o, text) => bool.TryParse(text, out var value) ? set(o, value) : null);

    private static Row<GatewayOptions> Duration(string name, Func<GatewayOptions, TimeSpan, GatewayOptions> set) =>
        new(name, Time, (o, text) => ValueText.Time(text) is { } value ? set(o, value) : null);

    private static class Row
    {
        public const string Number = "a whole number";
    }

    private sealed record Row<TOptions>(string Name, string Expected, Func<TOptions, string, TOptions?> Read)
        where TOptions : class;
}
