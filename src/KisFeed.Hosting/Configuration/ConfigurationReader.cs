using KisFeed.Wire;

namespace KisFeed.Hosting.Configuration;

/// <summary>Puts together what the sources say: of each option the strongest source that says something, of app keys all from one.</summary>
internal sealed class ConfigurationReader
{
    private const int ShortestSecret = 32;

    private readonly KisFeedSources _sources;
    private readonly List<SourceContent> _contents = [];
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

    private ConfigurationReader(KisFeedSources sources) => _sources = sources;

    public KisFeedOptions Options { get; private set; } = new();

    /// <summary>What is wrong with the app keys.</summary>
    public string? Problem { get; private set; }

    public IEnumerable<string> Warnings => _contents.SelectMany(c => c.Warnings);

    /// <summary>Whether the addresses are those of the file, which has both of them whether its user cares or not.</summary>
    public bool HasAddressesOfFile { get; private set; }

    /// <summary>Reads all sources.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="environment">The environment, where that is settled already.</param>
    /// <exception cref="KisFeedConfigurationException">A source says something that cannot be understood.</exception>
    public static ConfigurationReader Read(KisFeedSources sources, KisEnvironment? environment = null)
    {
        var reader = new ConfigurationReader(sources) { Options = sources.Defaults };
        if (sources.Section is { } section)
            reader._contents.Add(SectionSource.Read(section));
        reader._contents.Add(VariableSource.Read(sources.Variable));
        reader.Apply(OptionTable.Rows[0]);
        if (environment is { } settled)
            reader.Options = reader.Options with { Environment = settled };

        SourceContent? file = null;
        if (OfficialFilePlace.Find(sources) is { } place)
            reader._contents.Add(file = OfficialFileSource.Read(place, reader.Options.Environment));
        reader.HasAddressesOfFile = file is not null && !reader._contents.Any(c => c != file && (c.TryGet(OptionTable.WebSocketUrl, out _) || c.TryGet(OptionTable.RestUrl, out _)));
        foreach (var row in OptionTable.Rows.Skip(1))
            reader.Apply(row, except: row.Name is OptionTable.WebSocketUrl or OptionTable.RestUrl && !reader.HasAddressesOfFile ? file : null);
        reader.ApplyAppKeys();
        return reader;
    }

    /// <summary>Where the value of an option came from; <see langword="null"/> where no source says anything of it.</summary>
    public string? PlaceOf(string option) => _places.GetValueOrDefault(option);

    private void Apply(OptionRow row, SourceContent? except = null)
    {
        foreach (var content in _contents)
        {
            if (content == except || !content.TryGet(row.Name, out var value))
                continue;
            Options = Read(row, value);
            _places[row.Name] = value.Where;
            return;
        }
    }

    private KisFeedOptions Read(OptionRow row, SourceValue value)
    {
        try
        {
            return row.Read(Options, value.Text)
                ?? throw new KisFeedConfigurationException($"{value.Where} is {Quote(value.Text)}no {row.Name}: expected is {row.Expected}.");
        }
        catch (LayoutFileException e)
        {
            throw new KisFeedConfigurationException($"{value.Where}: {e.Message}", e);
        }
    }

    // What is as long as an app key or an app secret may be one, on a line that it does not belong on.
    private static string Quote(string text) => text.Length < ShortestSecret ? $"'{text}', which is " : "";

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
        _places[nameof(KisFeedOptions.AppKey)] = where;
        if (content.AppKeys.Count > 1)
            _places[nameof(KisFeedOptions.AdditionalAppKeys)] = string.Join(", ", content.AppKeys.Skip(1).Select(k => k.Where));
    }

    private string Missing() =>
        $"{string.Join(", and ", _contents.Select(c => c.AppKeyMissing))}. Set one of these pairs to the app key and the app secret that KIS Developers issued.";
}
