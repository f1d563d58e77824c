namespace KisFeed.Hosting.Services;

/// <summary>Whose order notices there are.</summary>
internal static class HtsIds
{
    /// <summary>Every HTS ID of the options, once.</summary>
    /// <exception cref="KisFeedConfigurationException">There is none.</exception>
    public static IReadOnlyList<string> Of(KisFeedOptions options)
    {
        string[] ids = [.. options.AdditionalAppKeys.Select(k => k.HtsId).Prepend(options.HtsId).OfType<string>().Distinct(StringComparer.Ordinal)];
        return ids.Length > 0
            ? ids
            : throw new KisFeedConfigurationException(
                "Order notices are asked for, but there is no HTS ID: set KisFeedOptions.HtsId in code, KisFeed:HtsId in the configuration, KISFEED_HTSID, or my_htsid in ~/KIS/config/kis_devlp.yaml.");
    }
}
