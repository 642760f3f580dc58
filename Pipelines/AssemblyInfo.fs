module internal Fovea.AssemblyInfo

open System.Runtime.CompilerServices

[<assembly: InternalsVisibleTo "Fovea.Tests">]
do ()
