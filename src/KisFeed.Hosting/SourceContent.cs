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
            _appKeys.Add((
                new AppCredentials
                {
                    AppKey = appKey.Text.Trim(),
                    AppSecret = appSecret.Text.Trim(),
                    HtsId = TrimOrNull(htsId),
                    Name = TrimOrNull(name),
                    Source = $"{appKey.Where} and {appSecret.Where}",
                },
                appKey.Where));
        }
        else if (hasKey || hasSecret)
        {
            var (missing, there) = hasKey ? (appSecret.Where, appKey.Where) : (appKey.Where, appSecret.Where);
            AppKeyProblem ??= $"{missing} is not set, but {there} is: an app key and its app secret must come from one "
                + "source. Set both there, or neither.";
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
