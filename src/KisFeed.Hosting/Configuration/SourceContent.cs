namespace KisFeed.Hosting.Configuration;

/// <summary>Everything that one source says.</summary>
internal sealed class SourceContent
{
    private readonly Dictionary<string, SourceValue> _values = new(StringComparer.Ordinal);
    private readonly List<(AppCredentials Credentials, string Where)> _appKeys = [];

    /// <summary>The app keys, the first of them first.</summary>
    public IReadOnlyList<(AppCredentials Credentials, string Where)> AppKeys => _appKeys;

    /// <summary>Why the source's app keys cannot be used, where it has some: half of a pair, for one.</summary>
    public string? AppKeyProblem { get; private set; }

    /// <summary>That the source has no app key, e.g. <c>KISFEED_APPKEY and KISFEED_APPSECRET are not set</c>.</summary>
    public required string AppKeyMissing { get; init; }

    /// <summary>What is worth a warning, although it can be used.</summary>
    public List<string> Warnings { get; } = [];

    public bool HasAppKeys => _appKeys.Count > 0 || AppKeyProblem is not null;

    public void Add(string option, string? text, string where)
    {
        if (!string.IsNullOrWhiteSpace(text))
            _values[option] = new SourceValue(text.Trim(), where);
    }

    public bool TryGet(string option, out SourceValue value) => _values.TryGetValue(option, out value);

    /// <summary>Takes an app key up, if there is one; one of its halves alone is a problem.</summary>
    public void AddAppKey(SourceValue appKey, SourceValue appSecret, string? htsId = null, string? name = null)
    {
        var (hasKey, hasSecret) = (!string.IsNullOrWhiteSpace(appKey.Text), !string.IsNullOrWhiteSpace(appSecret.Text));
        if (hasKey && hasSecret)
        {
            _appKeys.Add((new AppCredentials { AppKey = appKey.Text.Trim(), AppSecret = appSecret.Text.Trim(), HtsId = Filled(htsId), Name = Filled(name), Source = $"{appKey.Where} and {appSecret.Where}" }, appKey.Where));
        }
        else if (hasKey || hasSecret)
        {
            var (missing, there) = hasKey ? (appSecret.Where, appKey.Where) : (appKey.Where, appSecret.Where);
            AppKeyProblem ??= $"{missing} is not set, but {there} is: an app key and its app secret are taken from one source. Set both there, or neither.";
        }
    }

    /// <summary>Says that the app keys cannot be used, unless something has been said before.</summary>
    public void Refuse(string problem) => AppKeyProblem ??= problem;

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
