namespace KisFeed.Hosting;

/// <summary>All values of one source.</summary>
internal sealed class SourceContent
{
    private readonly Dictionary<string, SourceValue> _values = new(StringComparer.Ordinal);
    private readonly List<(AppCredentials Credentials, string Where)> _appKeys = [];

    /// <summary>The app keys in order, the main one first.</summary>
    public IReadOnlyList<(AppCredentials Credentials, string Where)> AppKeys => _appKeys;

    /// <summary>Why the source's app keys cannot be used, e.g. because half of a pair is missing.</summary>
    public string? AppKeyProblem { get; private set; }

    /// <summary>The message for a source without app keys, e.g. <c>KISFEED_APPKEY and KISFEED_APPSECRET are not set</c>.</summary>
    public required string AppKeyMissing { get; init; }

    /// <summary>Warnings about values that can be used nevertheless.</summary>
    public List<string> Warnings { get; } = [];

    public bool HasAppKeys => _appKeys.Count > 0 || AppKeyProblem is not null;

    public void Add(string option, string? text, string where)
    {
        if (!string.IsNullOrWhiteSpace(text))
            _values[option] = new SourceValue(text.Trim(), where);
    }

    public bool TryGet(string option, out SourceValue value) => _values.TryGetValue(option, out value);

    /// <summary>Adds an app key, if there is one; half of a pair alone is a problem.</summary>
    public void AddAppKey(SourceValue appKey, SourceValue appSecret, string? htsId = null, string? name = null)
    {
        var (hasKey, hasSecret) = (!string.IsNullOrWhiteSpace(appKey.Text), !string.IsNullOrWhiteSpace(appSecret.Text));
        if (hasKey && hasSecret)
        {
            _appKeys.Add((new AppCredentials { AppKey = appKey.Text.Trim(), AppSecret = appSecret.Text.Trim(), HtsId = TrimOrNull(htsId), Name = TrimOrNull(name), Source = $"{appKey.Where} and {appSecret.Where}" }, appKey.Where));
        }
        else if (hasKey || hasSecret)
        {
            var (missing, there) = hasKey ? (appSecret.Where, appKey.Where) : (appKey.Where, appSecret.Where);
            AppKeyProblem ??= $"{missing} is not set, but {there} is: an app key and its app secret must come from one source. Set both there, or neither.";
        }
    }

    /// <summary>Records why the app keys cannot be used, unless an earlier problem is recorded.</summary>
    public void ReportAppKeyProblem(string problem) => AppKeyProblem ??= problem;

    private static string? TrimOrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>The value of an option in a source.</summary>
/// <param name="Text">The value as written. May be secret.</param>
/// <param name="Where">The location, for messages: a key, a variable, or a file and its key.</param>
internal readonly record struct SourceValue(string Text, string Where)
{
    public override string ToString() => Where;
}

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
        yield return new OptionOrigin(First, string.IsNullOrEmpty(options.AppKey) ? NotSet : options.AppKey == reader.Options.AppKey ? reader.SourceOf(First) ?? Code : Code, null);
        if (options.AdditionalAppKeys is { Count: > 0 } further)
            yield return new OptionOrigin(Further, ReferenceEquals(further, reader.Options.AdditionalAppKeys) ? reader.SourceOf(Further) ?? Code : Code, null);
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
