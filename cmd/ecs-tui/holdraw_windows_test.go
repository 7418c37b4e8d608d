package main

func holdRawIfAsked() {}
