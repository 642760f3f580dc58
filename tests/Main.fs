module Fovea.Tests.Main

[<EntryPoint>]
let main arguments = 0
