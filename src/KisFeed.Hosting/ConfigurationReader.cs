using KisFeed.Wire;

namespace KisFeed.Hosting;

/// <summary>Combines the sources: each option from the strongest source that sets it, and all app keys from one source.</summary>
internal sealed class ConfigurationReader
{
    private const int MinSecretLength = 32;

    private readonly KisFeedSources _sources;
    private readonly List<SourceContent> _contents = [];
    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);

    private ConfigurationReader(KisFeedSources sources) => _sources = sources;

    public KisFeedOptions Options { get; private set; } = new();

    /// <summary>What is wrong with the app keys.</summary>
    public string? Problem { get; private set; }

    public IEnumerable<string> Warnings => _contents.SelectMany(c => c.Warnings);

    /// <summary>Whether the addresses come from the file, which always contains both.</summary>
    public bool HasAddressesOfFile { get; private set; }

    /// <summary>Reads all sources.</summary>
    /// <param name="sources">The sources, strongest first.</param>
    /// <param name="environment">The environment, if it is already decided.</param>
    /// <exception cref="KisFeedConfigurationException">A source contains an invalid value.</exception>
    public static ConfigurationReader Read(KisFeedSources sources, KisEnvironment? environment = null)
    {
        var reader = new ConfigurationReader(sources) { Options = sources.Defaults };
        if (sources.Section is { } section)
            reader._contents.Add(SectionSource.Read(section, sources.ClientNames));
        if (!sources.IsSectionOnly)
            reader._contents.Add(VariableSource.Read(sources.Variable));
        reader.Apply(OptionTable.Rows[0]);
        if (environment is { } settled)
            reader.Options = reader.Options with { Environment = settled };

        SourceContent? file = null;
        if (OfficialFilePath.Find(sources) is { } path)
            reader._contents.Add(file = OfficialFileSource.Read(path, reader.Options.Environment));
        reader.HasAddressesOfFile = file is not null
            && !reader._contents.Any(c => c != file && (c.TryGet(OptionTable.WebSocketUrl, out _) || c.TryGet(OptionTable.RestUrl, out _)));
        foreach (var row in OptionTable.Rows.Skip(1))
        {
            reader.Apply(
                row, except: row.Name is OptionTable.WebSocketUrl or OptionTable.RestUrl && !reader.HasAddressesOfFile ? file : null);
        }
        reader.ApplyAppKeys();
        return reader;
    }

    /// <summary>The source of an option's value; <see langword="null"/> if no source sets it.</summary>
    public string? SourceOf(string option) => _origins.GetValueOrDefault(option);

    private void Apply(OptionRow row, SourceContent? except = null)
    {
        foreach (var content in _contents)
        {
            if (content == except || !content.TryGet(row.Name, out var value))
                continue;
            Options = Read(row, value);
            _origins[row.Name] = value.Where;
            return;
        }
    }

    private KisFeedOptions Read(OptionRow row, SourceValue value)
    {
        try
        {
            return row.Read(Options, value.Text)
                ?? throw new KisFeedConfigurationException(
                    $"{value.Where} is {Quote(value.Text)}not a valid {row.Name}. Use {row.Expected}.");
        }
        catch (Exception e) when (e is LayoutFileException or PriceScalesException)
        {
            throw new KisFeedConfigurationException($"{value.Where}: {e.Message}", e);
        }
    }

    // A text as long as an app key or an app secret may be one in the wrong place, so it is not shown.
    private static string Quote(string text) => text.Length < MinSecretLength ? $"'{text}', which is " : "";

    private void ApplyAppKeys()
    {
        if (_contents.Find(c => c.HasAppKeys) is not { } content)
        {
            Problem = Options.AppKey.Length > 0 ? null : Missing();
            return;
        }

        Problem = content.AppKeyProblem;
        if (Problem is not null)
            return;
        var (first, where) = content.AppKeys[0];
        Options = Options with
        {
            AppKey = first.AppKey,
            AppSecret = first.AppSecret,
            CredentialsSource = first.Source,
            AdditionalAppKeys = [.. content.AppKeys.Skip(1).Select(k => k.Credentials)],
        };
        _origins[nameof(KisFeedOptions.AppKey)] = where;
        if (content.AppKeys.Count > 1)
            _origins[nameof(KisFeedOptions.AdditionalAppKeys)] = string.Join(", ", content.AppKeys.Skip(1).Select(k => k.Where));
    }

    private string Missing() => _contents.Count == 0
        ? "AppKey and AppSecret are not set, and there is no configuration: set them in code, to those that KIS Developers issued."
        : $"{string.Join(", and ", _contents.Select(c => c.AppKeyMissing))}. Set one of these pairs to the app key and the app "
        + "secret that KIS Developers issued.";
}
