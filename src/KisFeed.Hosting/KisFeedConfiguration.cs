using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>
/// The configured options and the source of each value. For each option, the source with the highest precedence that sets it wins: code,
/// the section of an <c>IConfiguration</c>, environment variables, the file <c>~/KIS/config/kis_devlp.yaml</c> of the official samples. All
/// app keys with their app secrets come from one source.
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

    /// <summary>The options. An app key may be missing: see <see cref="Problem"/>.</summary>
    public KisFeedOptions Options { get; }

    /// <summary>
    /// Why there is no usable app key, and what to set where; <see langword="null"/> if there is one. Contains no secret.
    /// </summary>
    public string? Problem { get; }

    /// <summary>The sources of the values, without secrets: of all values that were set, and of the main options in any case.</summary>
    public IReadOnlyList<OptionOrigin> Origins { get; }

    /// <summary>Problems that do not prevent use but should be fixed, e.g. a file with secrets that other users can read.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Reads the configuration. Checks only that values can be parsed; <see cref="Validate"/> does the rest. Warnings are logged if
    /// the options have a logger factory.
    /// </summary>
    /// <param name="sources">The sources. Default: the variables of this process, and the file.</param>
    /// <param name="configure">Options set in code, applied on top of the sources. Called a second time if it changes the environment,
    /// because the file has app keys and addresses for each environment.</param>
    /// <exception cref="KisFeedConfigurationException">A source has an unknown key or a value that cannot be parsed, or code sets only
    /// half of an app key pair.</exception>
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
    /// <exception cref="KisFeedConfigurationException">A value is missing or out of range. The message says
    /// what to set and where.</exception>
    public void Validate()
    {
        if (Problem is not null)
            throw new KisFeedConfigurationException(Problem);
        try
        {
            Options.Validate();
        }
        catch (KisFeedConfigurationException e) when (Origins.FirstOrDefault(o => e.Message.StartsWith($"{nameof(KisFeedOptions)}."
            + $"{o.Option.Replace(':', '.')} ", StringComparison.Ordinal)) is { } origin)
        {
            throw new KisFeedConfigurationException($"{e.Message} It was set by: {origin.Source}.", e);
        }
    }

    /// <summary>The sources, one per line.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Origins);

    private void Log(ILogger logger)
    {
        foreach (var warning in Warnings)
            HostingLog.Warning(logger, warning);
    }

    // Half of a pair from a weaker source does not belong to the half that code sets.
    private static KisFeedOptions WithWholePairs(ConfigurationReader reader, KisFeedOptions options)
    {
        var before = reader.Options;
        if (options.AppKey != before.AppKey || options.AppSecret != before.AppSecret)
        {
            if (options.AppKey == before.AppKey || options.AppSecret == before.AppSecret)
            {
                throw new KisFeedConfigurationException("Code sets only one of AppKey and AppSecret: an app key and its app secret must "
                    + "come from one source. Set both there, or neither.");
            }
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

/// <summary>The source of an option's value. Contains no secret.</summary>
/// <param name="Option">The option's name in sections, e.g. <c>Reconnect:MaxDelay</c>.</param>
/// <param name="Source">The source: <c>code</c>, a key of the section, a variable, a file and its key, or <c>default</c>.</param>
/// <param name="Value">The value; <see langword="null"/> if it is secret or absent.</param>
public sealed record OptionOrigin(string Option, string Source, string? Value)
{
    /// <summary>One line, e.g. <c>AppKey: ~/KIS/config/kis_devlp.yaml my_app</c>.</summary>
    public override string ToString() => Value is null ? $"{Option}: {Source}" : $"{Option}: {Value} ({Source})";
}
