using Microsoft.Extensions.Configuration;

namespace KisFeed.Hosting;

/// <summary>
/// Reads a section of an <see cref="IConfiguration"/>. Every key in it must be known; otherwise a misspelt one would be silently ignored.
/// </summary>
internal static class SectionSource
{
    public const string AppKeys = nameof(AppKeys);

    /// <summary>The section of the client's gateway, which the gateway reads.</summary>
    public const string Gateway = nameof(Gateway);

    private static readonly string[] s_ofAppKeys =
        [nameof(AppCredentials.AppKey), nameof(AppCredentials.AppSecret), nameof(AppCredentials.HtsId), nameof(AppCredentials.Name)];

    private static readonly string[] s_ofReconnect =
        [.. OptionTable.Rows.Where(r => r.Name.Contains(':', StringComparison.Ordinal)).Select(r => r.Name.Split(':')[1])];

    private static readonly string[] s_values =
        [.. OptionTable.Rows.Select(r => r.Name).Where(n => !n.Contains(':', StringComparison.Ordinal))];

    private static readonly string[] s_all =
        [nameof(KisFeedOptions.AppKey), nameof(KisFeedOptions.AppSecret), AppKeys, .. s_values, OptionTable.Reconnect, Gateway];

    private static readonly string[] s_allOfUnnamed = [.. s_all, KisFeedSources.ClientsName];

    /// <summary>Reads a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="clients">The named clients that may have sections in it; <see langword="null"/> for any.</param>
    public static SourceContent Read(IConfigurationSection section, IReadOnlyList<string>? clients)
    {
        var appKey = section.GetSection(nameof(KisFeedOptions.AppKey));
        var appSecret = section.GetSection(nameof(KisFeedOptions.AppSecret));
        var content = new SourceContent { AppKeyMissing = $"{appKey.Path} and {appSecret.Path} are not set" };
        var names = IsOfNamedClient(section) ? s_all : s_allOfUnnamed;
        RefuseValue(section, names);
        foreach (var child in section.GetChildren())
        {
            var name = Known(child, names);
            if (name == KisFeedSources.ClientsName)
                CheckClients(child, clients);
            else if (name == OptionTable.Reconnect)
                ReadReconnect(content, child);
            else if (s_values.Contains(name))
                content.Add(name, ValueOf(child), child.Path);
        }

        content.AddAppKey(ValueAt(appKey), ValueAt(appSecret));
        ReadAppKeys(content, section.GetSection(AppKeys), appKey.Path);
        return content;
    }

    private static bool IsOfNamedClient(IConfigurationSection section) =>
        section.Path.Contains($"{KisFeedSources.SectionName}:{KisFeedSources.ClientsName}:", StringComparison.OrdinalIgnoreCase);

    private static void CheckClients(IConfigurationSection section, IReadOnlyList<string>? clients)
    {
        RefuseValue(section, ["the names of clients"]);
        foreach (var client in section.GetChildren())
        {
            if (clients?.Contains(client.Key, StringComparer.OrdinalIgnoreCase) == false)
            {
                throw new KisFeedConfigurationException(
                    $"{client.Path} is not the section of a client: add one with AddKisFeed(\"{client.Key}\"). "
                    + $"Named clients: {(clients.Count == 0 ? "none" : string.Join(", ", clients))}.");
            }
        }
    }

    private static void ReadReconnect(SourceContent content, IConfigurationSection section)
    {
        RefuseValue(section, s_ofReconnect);
        foreach (var child in section.GetChildren())
            content.Add($"{OptionTable.Reconnect}:{Known(child, s_ofReconnect)}", ValueOf(child), child.Path);
    }

    private static void ReadAppKeys(SourceContent content, IConfigurationSection section, string first)
    {
        var hasFirst = content.HasAppKeys;
        RefuseValue(section, ["0", "1"]);
        foreach (var entry in section.GetChildren())
        {
            RefuseValue(entry, s_ofAppKeys);
            foreach (var child in entry.GetChildren())
                _ = Known(child, s_ofAppKeys);
            content.AddAppKey(
                ValueAt(entry.GetSection(nameof(AppCredentials.AppKey))),
                ValueAt(entry.GetSection(nameof(AppCredentials.AppSecret))),
                entry[nameof(AppCredentials.HtsId)],
                entry[nameof(AppCredentials.Name)]);
        }

        if (!hasFirst && content.AppKeys.Count > 0)
        {
            content.ReportAppKeyProblem($"{first} is not set, but {section.Path} has further app keys: all app keys must come from one "
                + "source, including the first.");
        }
    }

    public static string Known(IConfigurationSection child, string[] names) =>
        names.FirstOrDefault(n => n.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
        ?? throw new KisFeedConfigurationException($"{child.Path} is not an option. Valid options: {string.Join(", ", names)}.");

    private static SourceValue ValueAt(IConfigurationSection section) => new(ValueOf(section) ?? "", section.Path);

    public static string? ValueOf(IConfigurationSection section) =>
        section.GetChildren().Any()
            ? throw new KisFeedConfigurationException($"{section.Path} has keys below it, but takes one value.")
            : section.Value;

    // The value is not shown: it may be an app key.
    public static void RefuseValue(IConfigurationSection section, string[] names)
    {
        if (!string.IsNullOrWhiteSpace(section.Value))
            throw new KisFeedConfigurationException($"{section.Path} has a value, but takes keys below it: {string.Join(", ", names)}.");
    }
}
