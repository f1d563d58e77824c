using KisFeed.Hosting.Configuration;
using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>
/// Options as they are configured, and where each of them came from. Of each option the first of these wins that says something: code, the
/// section of an <c>IConfiguration</c>, environment variables, the file <c>~/KIS/config/kis_devlp.yaml</c> of the official samples. App keys with
/// their app secrets are taken from one source, all of them.
/// </summary>
public sealed class KisFeedConfiguration
{
    private KisFeedConfiguration(ConfigurationReader reader, KisFeedOptions options)
    {
        Options = options;
        Problem = options.AppKey == reader.Options.AppKey ? reader.Problem : null;
        Origins = Explanation.Of(reader, options);
        Warnings = [.. reader.Warnings];
    }

    /// <summary>The options. They may lack an app key: see <see cref="Problem"/>.</summary>
    public KisFeedOptions Options { get; }

    /// <summary>Why there is no app key to use, and what to set where; <see langword="null"/> where there is one. Holds no secret.</summary>
    public string? Problem { get; }

    /// <summary>Where the values came from, without secrets: those that somebody set, and the chief ones anyway.</summary>
    public IReadOnlyList<OptionOrigin> Origins { get; }

    /// <summary>What should be mended, although it can be used, e.g. a file with secrets that others may read.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Reads the configuration. Nothing is checked but that values can be read; <see cref="Validate"/> does the rest. Warnings are logged where
    /// the options have a logger factory.
    /// </summary>
    /// <param name="sources">Where to look. Default: the variables of this process, and the file.</param>
    /// <param name="configure">
    /// What code says, on top of what the sources say. Called again where it changes the environment, because the file has app keys and addresses for each.
    /// </param>
    /// <exception cref="KisFeedConfigurationException">
    /// A source has a key that does not exist, or a value that cannot be read, or code sets half of an app key's pair.
    /// </exception>
    public static KisFeedConfiguration Read(KisFeedSources? sources = null, Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        sources ??= new KisFeedSources();
        var reader = ConfigurationReader.Read(sources);
        var options = configure?.Invoke(reader.Options) ?? reader.Options;
        if (options.Environment != reader.Options.Environment)
        {
            reader = ConfigurationReader.Read(sources, options.Environment);
            options = configure!(reader.Options);
        }

        var configuration = new KisFeedConfiguration(reader, WithWholePairs(reader, options));
        if (configuration.Options.LoggerFactory is { } loggers)
            configuration.Log(loggers.CreateLogger<KisFeedConfiguration>());
        return configuration;
    }

    /// <summary>Checks that the options can be used.</summary>
    /// <exception cref="KisFeedConfigurationException">Something is missing or out of range; the message says what to set and where.</exception>
    public void Validate()
    {
        if (Problem is not null)
            throw new KisFeedConfigurationException(Problem);
        try
        {
            Options.Validate();
        }
        catch (KisFeedConfigurationException e) when (Origins.FirstOrDefault(o => e.Message.StartsWith($"{nameof(KisFeedOptions)}.{o.Option.Replace(':', '.')} ", StringComparison.Ordinal)) is { } origin)
        {
            throw new KisFeedConfigurationException($"{e.Message} It was set by: {origin.Source}.", e);
        }
    }

    /// <summary>The origins, one a line.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Origins);

    private void Log(ILogger logger)
    {
        foreach (var warning in Warnings)
            HostingLog.Warning(logger, warning);
    }

    // What code leaves as it came from a weaker source does not belong to what code sets.
    private static KisFeedOptions WithWholePairs(ConfigurationReader reader, KisFeedOptions options)
    {
        var before = reader.Options;
        if (options.AppKey != before.AppKey || options.AppSecret != before.AppSecret)
        {
            if (options.AppKey == before.AppKey || options.AppSecret == before.AppSecret)
                throw new KisFeedConfigurationException("Code sets one of AppKey and AppSecret: an app key and its app secret are taken from one source. Set both there, or neither.");
            if (options.CredentialsSource == before.CredentialsSource)
                options = options with { CredentialsSource = null };
            if (ReferenceEquals(options.AdditionalAppKeys, before.AdditionalAppKeys))
                options = options with { AdditionalAppKeys = [] };
        }

        if (reader.HasAddressesOfFile && options.WebSocketUrl != before.WebSocketUrl && options.RestUrl == before.RestUrl)
            options = options with { RestUrl = null };
        else if (reader.HasAddressesOfFile && options.RestUrl != before.RestUrl && options.WebSocketUrl == before.WebSocketUrl)
            options = options with { WebSocketUrl = null };
        return options;
    }
}

/// <summary>Where an option's value came from. Holds no secret.</summary>
/// <param name="Option">The option as sections name it, e.g. <c>Reconnect:MaxDelay</c>.</param>
/// <param name="Source">Who says so: <c>code</c>, a key of the section, a variable, a file and its key; or <c>default</c>.</param>
/// <param name="Value">The value; <see langword="null"/> where it is secret or there is none.</param>
public sealed record OptionOrigin(string Option, string Source, string? Value)
{
    /// <summary>On one line, e.g. <c>AppKey: ~/KIS/config/kis_devlp.yaml my_app</c>.</summary>
    public override string ToString() => Value is null ? $"{Option}: {Source}" : $"{Option}: {Value} ({Source})";
}
