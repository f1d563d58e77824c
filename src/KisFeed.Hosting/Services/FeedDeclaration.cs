namespace KisFeed.Hosting.Services;

/// <summary>A feed that is subscribed to when the host starts.</summary>
internal abstract class FeedDeclaration(Func<KisFeedOptions, IReadOnlyList<string>> keys)
{
    /// <summary>The keys, each of which is a subscription.</summary>
    /// <exception cref="KisFeedConfigurationException">The options lack them.</exception>
    public IReadOnlyList<string> KeysOf(KisFeedOptions options) => keys(options);

    /// <summary>Whatever it needs of the container; what it lacks ends the host's start.</summary>
    public abstract FeedBinding Bind(IServiceProvider services);
}
