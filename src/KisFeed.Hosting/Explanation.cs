namespace KisFeed.Hosting;

/// <summary>Determines the source of each option: code, if the value differs from those of the sources.</summary>
internal static class Explanation
{
    private const string Code = "code";
    private const string Default = "default";
    private const string NotSet = "not set";

    private static readonly string[] s_always = [OptionTable.Environment, OptionTable.HtsId, OptionTable.WebSocketUrl, OptionTable.RestUrl];

    public static IReadOnlyList<OptionOrigin> Of(ConfigurationReader reader, KisFeedOptions options) =>
        [.. AppKeys(reader, options), .. OptionTable.Rows.Select(row => Of(row, reader, options)).OfType<OptionOrigin>()];

    private static IEnumerable<OptionOrigin> AppKeys(ConfigurationReader reader, KisFeedOptions options)
    {
        const string First = nameof(KisFeedOptions.AppKey);
        const string Further = nameof(KisFeedOptions.AdditionalAppKeys);
        yield return new OptionOrigin(
            First,
            string.IsNullOrEmpty(options.AppKey) ? NotSet : options.AppKey == reader.Options.AppKey ? reader.SourceOf(First) ?? Code : Code,
            null);
        if (options.AdditionalAppKeys is { Count: > 0 } further)
        {
            yield return new OptionOrigin(
                Further, ReferenceEquals(further, reader.Options.AdditionalAppKeys) ? reader.SourceOf(Further) ?? Code : Code, null);
        }
    }

    private static OptionOrigin? Of(OptionRow row, ConfigurationReader reader, KisFeedOptions options)
    {
        // The validation of the options reports this.
        if (options.Reconnect is null && row.Name.StartsWith(OptionTable.Reconnect, StringComparison.Ordinal))
            return null;
        var value = row.Show(options);
        var place = row.IsSame(options, reader.Options) ? reader.SourceOf(row.Name) : Code;
        if (place is null && !s_always.Contains(row.Name))
            return null;
        if (value is null)
            return new OptionOrigin(row.Name, row.IsSecret ? NotSet : Default, null);
        return new OptionOrigin(row.Name, place ?? Default, row.IsSecret ? null : value);
    }
}
