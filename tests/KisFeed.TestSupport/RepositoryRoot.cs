namespace KisFeed.TestSupport;

/// <summary>The repository from which the tests were built.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    /// <summary>The source files below a folder, without generated ones.</summary>
    public static IEnumerable<string> SourceFiles(string folder) => Files(folder, "cs");

    /// <summary>The files below a folder with one of these extensions, without those that tools have written.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(System.IO.Path.Combine(Path, folder), "*", SearchOption.AllDirectories)
            .Where(f => extensions.Contains(System.IO.Path.GetExtension(f).TrimStart('.'), StringComparer.Ordinal))
            .Where(f => !f.Split(System.IO.Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin" or "artifacts" or "node_modules"))
            .Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "KisFeed.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no KisFeed.slnx above {AppContext.BaseDirectory}");
    }
}
